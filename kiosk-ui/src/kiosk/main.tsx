import { render } from "preact";
import "./kiosk.css";
import { App, Shop } from "./app";

/** `/kiosk/{id}`; the name is checked because it becomes part of addresses. */
const kiosk = /^\/kiosk\/([a-z0-9][a-z0-9-]{0,30})\/?$/.exec(location.pathname)?.[1];
const root = document.getElementById("app");
if (root && kiosk) {
    // A touch screen has neither a menu nor anything to drag.
    for (const name of ["contextmenu", "dragstart"])
        addEventListener(name, (event) => event.preventDefault());
    render(<App shop={new Shop(kiosk, localStorage)} />, root);
}
