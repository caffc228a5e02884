import type { Login } from "../kinds";

export const words: Login = {
    user: "User name",
    password: "Password",
    enter: "Log in",
    wrong: "Wrong user name or password.",
    wait: (seconds) => `Too many tries: wait ${seconds} seconds.`,
    unreachable: "The server does not answer. Please try again.",
    leave: "Log out",
};
