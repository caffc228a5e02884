import { render } from "preact";
import { BehindLogin } from "../shared/login";
import { Session } from "../shared/session";
import { overview } from "./overview";
import { Console } from "./view";
import { console_text } from "./words";
import "./console.css";

const session = new Session({
    login: "/api/v1/login",
    logout: "/api/v1/logout",
    load: "/api/v1/overview",
    events: "/events/overview",
    event: "overview",
    parser: overview,
});

const root = document.getElementById("app");
if (root)
    render(
        <BehindLogin
            session={session}
            page="console"
            title={(language) => console_text(language).title}
            purpose={(language) => console_text(language).purpose}
            lost={(language) => console_text(language).lost}
            view={(data, language) => <Console data={data} language={language} />}
        />,
        root,
    );
