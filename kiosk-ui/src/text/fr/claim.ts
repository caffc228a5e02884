import type { Claim } from "../kinds";

export const words: Claim = {
    title: "Votre offre",
    ready: "Prête à emporter",
    ready_hint: "Gardez-la maintenant : le code de caisse s’affichera ici, une seule fois.",
    take: "Garder sur ce téléphone",
    taking: "Un instant…",
    yours: "C’est gardé",
    yours_hint: "Présentez ce code en caisse.",
    code: "Code de caisse",
    code_alt: "Le même code, à scanner en caisse",
    used: "Déjà gardée",
    used_hint: "Ce lien a déjà servi. Demandez un nouveau code à l’écran du magasin.",
    expired: "Lien expiré",
    expired_hint:
        "Les liens durent cinq minutes au plus. Demandez un nouveau code à l’écran du magasin.",
    unknown: "Lien inconnu",
    unknown_hint: "Visez à nouveau le code affiché à l’écran du magasin.",
    unreachable: "Le magasin ne répond pas",
    unreachable_hint: "Vérifiez que votre téléphone est sur le réseau du magasin.",
    again: "Réessayer",
    loading: "Chargement…",
    privacy: "Cette page ne sait pas qui vous êtes et ne dépose aucun traceur.",
};
