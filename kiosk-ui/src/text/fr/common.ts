import type { Common } from "../kinds";

export const words: Common = {
    shop: "La Halle Vitrine",
    baseline: "Épicerie & maison",
    language: "Français",
    prior_price: "prix le plus bas des 30 derniers jours",
    until: (day) => `Jusqu’au ${day}`,
    points: (count) => (count > 1 ? `${count} points` : `${count} point`),
    value_kind: {
        price: "Prix doux",
        percent_off: "Remise immédiate",
        amount_off: "Remise immédiate",
        multi_buy: "Offre par lot",
        points: "Points fidélité",
        service: "Service offert",
    },
    reasons: {
        popular_here: {
            about: (category) => `Très demandé dans ce magasin, rayon ${category}.`,
            general: "Très demandé dans ce magasin.",
        },
        in_season: {
            about: (category) => `C’est la saison : ${category}.`,
            general: "C’est la saison.",
        },
        weather: {
            about: (category) => `Cela va bien avec le temps d’aujourd’hui : ${category}.`,
            general: "Cela va bien avec le temps d’aujourd’hui.",
        },
        time_of_day: {
            about: (category) => `Cela va bien à cette heure-ci : ${category}.`,
            general: "Cela va bien à cette heure-ci.",
        },
        new_to_you: {
            about: (category) => `Pour changer un peu : ${category}.`,
            general:
                "Pour changer un peu : une offre que nous montrons pour apprendre ce qui plaît.",
        },
        everyone: {
            about: (category) =>
                `Le magasin montre cette offre à tout le monde, rayon ${category}.`,
            general: "Le magasin montre cette offre à tout le monde.",
        },
        your_favourite: {
            about: (category) => `Vous avez indiqué ce rayon parmi vos favoris : ${category}.`,
            general: "Cela correspond à ce que vous aimez ; identifiez-vous pour le détail.",
        },
        you_often_buy: {
            about: (category) => `Vous achetez souvent dans ce rayon : ${category}.`,
            general: "Cela correspond à ce que vous aimez ; identifiez-vous pour le détail.",
        },
        running_out: {
            about: (category) =>
                `À votre rythme, il est peut-être temps d’en reprendre : ${category}.`,
            general: "Cela correspond à vos habitudes ; identifiez-vous pour le détail.",
        },
        goes_with: {
            about: (category) => `Cela accompagne ce que vous achetez : ${category}.`,
            general: "Cela accompagne ce que vous aimez ; identifiez-vous pour le détail.",
        },
        in_your_basket: {
            about: (category) => `Vous l’avez laissé dans votre panier en ligne : ${category}.`,
            general: "Cela correspond à ce que vous cherchiez ; identifiez-vous pour le détail.",
        },
        campaign: {
            about: (category) =>
                `Vous remplissez les conditions de cette offre, rayon ${category}.`,
            general:
                "Vous remplissez les conditions de cette offre ; identifiez-vous pour le détail.",
        },
        suits_everyone_here: {
            about: (category) => `Choisi pour convenir à tout le monde ici, rayon ${category}.`,
            general: "Choisi pour convenir à tout le monde ici, sans le profil de personne.",
        },
    },
};
