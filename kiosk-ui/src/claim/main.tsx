import { render } from "preact";
import "./claim.css";
import { ClaimPage } from "./view";

/** `/c/{token}`; the token is checked because it becomes part of addresses. */
const token = /^\/c\/([\w-]{1,200})\/?$/.exec(location.pathname)?.[1] ?? "";
const root = document.getElementById("app");
if (root) render(<ClaimPage token={token} />, root);
