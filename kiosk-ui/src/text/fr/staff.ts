import type { Staff } from "../kinds";

export const words: Staff = {
    title: "Équipe",
    purpose:
        "Les membres présents qui vous permettent de les voir. Personne d’autre n’apparaît ici.",
    empty: "Personne à afficher",
    empty_hint: "Seuls apparaissent les membres présents qui l’ont autorisé.",
    member: "Membre",
    present: (count) => (count > 1 ? `${count} membres présents` : `${count} membre présent`),
    not_shown: (count) => (count > 1 ? `et ${count} autres` : "et un autre"),
    at_kiosk: (kiosk) => `Borne ${kiosk}`,
    between: "Dans le magasin",
    since: (time) => `depuis ${time}`,
    wishes: "Souhaite",
    often_buys: "Achète souvent",
    favourites: "Favoris",
    last_visit: (days) =>
        days <= 0
            ? "Déjà venu·e aujourd’hui"
            : days === 1
              ? "Dernière visite hier"
              : `Dernière visite il y a ${days} jours`,
    first_visit: "Dernière visite inconnue",
    next_best: "À proposer",
    no_next_best: "Rien à proposer pour le moment.",
    not_tailored: "Ce membre n’autorise pas les offres personnalisées : accueil sans historique.",
    reasons: {
        popular_here: "Très demandé ici",
        in_season: "De saison",
        weather: "Avec ce temps",
        time_of_day: "À cette heure-ci",
        new_to_you: "Nouveau pour ce membre",
        everyone: "Pour tout le monde",
        your_favourite: "Favori déclaré",
        you_often_buy: "Achat fréquent",
        running_out: "Bientôt à renouveler",
        goes_with: "Va avec ses achats",
        in_your_basket: "Resté dans son panier en ligne",
        campaign: "Remplit les conditions",
        suits_everyone_here: "Convient à tous",
    },
    logged: "Chaque consultation est enregistrée et visible par le membre.",
    lost: "Connexion perdue : ces informations ne sont plus à jour.",
    stale: "Offres en attente de mise à jour",
    offline: "Centrale injoignable",
    recognition_off: "Reconnaissance arrêtée",
};
