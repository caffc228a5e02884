import { render } from "preact";
import "./staff.css";
import { BehindLogin } from "../shared/login";
import { Session } from "../shared/session";
import { Board, staff_text } from "./board";
import { staff_board } from "./contract";

const session = new Session({
    login: "/api/v1/staff/login",
    logout: "/api/v1/staff/logout",
    load: "/api/v1/staff/members",
    events: "/events/staff",
    event: "board",
    parser: staff_board,
});

const root = document.getElementById("app");
if (root)
    render(
        <BehindLogin
            session={session}
            page="staff"
            title={(language) => staff_text(language).title}
            purpose={(language) => staff_text(language).purpose}
            lost={(language) => staff_text(language).lost}
            view={(board, language) => <Board board={board} language={language} />}
        />,
        root,
    );
