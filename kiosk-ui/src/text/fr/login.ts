import type { Login } from "../kinds";

export const words: Login = {
    user: "Identifiant",
    password: "Mot de passe",
    enter: "Se connecter",
    wrong: "Identifiant ou mot de passe incorrect.",
    wait: (seconds) => `Trop d’essais : attendez ${seconds} secondes.`,
    unreachable: "Le serveur ne répond pas. Réessayez.",
    leave: "Se déconnecter",
};
