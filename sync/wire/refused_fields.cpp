#include "sync/wire/refused_fields.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace vitrine::wire {

namespace {

/// Words, without accents, that name one thing.
struct Theme {
    std::string_view what;
    std::string_view words;  ///< With a blank before and after each.
};

constexpr std::array kProtected{
    Theme{"age or birth",
          " age ages aged birth birthdate birthyear birthday born dob young old older younger "
          "elderly "
          "senior seniors teen generation naissance anniversaire ne nee jeune jeunes vieux vieille "
          "agee retraite retraites retired millennial "},
    Theme{
        "sex or gender",
        " sex sexe gender genre male female man men woman women homme hommes femme femmes civilite "
        "madame monsieur mr mrs transgender trans girl boy fille garcon "},
    Theme{
        "origin, nationality or ethnicity",
        " origin origins origine origines ethnic ethnicity ethnie ethnique race racial nationality "
        "nationalite national birthplace citizenship citoyennete skin peau immigrant immigration "
        "migrant surname lastname firstname nom prenom patronyme roma tribe "},
    Theme{"language", " language languages langue langues mothertongue accent "},
    Theme{
        "religion or belief",
        " religion religions religious religieux religieuse faith belief beliefs croyance "
        "croyances "
        "croyant culte confession church mosque synagogue halal hallal kosher casher cacher muslim "
        "musulman musulmane christian chretien chretienne jewish juif juive catholique atheist "
        "ramadan "},
    Theme{
        "health",
        " health sante disease diseases illness ill sick sickness malade maladie maladies medical "
        "medicale diagnosis diagnostic allergy allergies allergie allergic allergique diabetes "
        "diabetic diabete diabetique medication medicament medicaments treatment traitement drug "
        "drugs cancer hiv vih bmi imc depression mental addiction smoker fumeur "},
    Theme{"disability",
          " disability disabilities disabled handicap handicape handicapee handicapped invalidite "
          "invalide wheelchair fauteuil pmr deaf sourd blind aveugle autonomie "},
    Theme{
        "pregnancy or maternity",
        " pregnancy pregnant grossesse enceinte maternity maternite trimester trimestre fertility "
        "fertilite baby bebe "},
    Theme{"sexual life or orientation",
          " orientation sexual sexuality sexualite sexuel sexuelle gay lesbian lesbienne lgbt "
          "homosexual homosexuel heterosexual heterosexuel bisexual queer "},
    Theme{"political opinion",
          " politics political politique politiques party parti vote voter votes voting opinion "
          "opinions ideology left right gauche droite "},
    Theme{"trade union membership",
          " union unions syndicat syndicats syndical syndicale syndique syndiquee "},
    Theme{"income or economic vulnerability",
          " income incomes revenu revenus revenue salary salaire salaires wage wages wealth rich "
          "poor "
          "riche pauvre fortune patrimoine credit debt debts dette dettes solvency solvabilite "
          "precarity precarite poverty pauvrete unemployed chomage chomeur rsa welfare "},
    Theme{"family or marital status",
          " family famille familial familiale marital married marie mariee marriage mariage spouse "
          "conjoint epoux epouse single celibataire divorced divorce widow widowed veuf veuve pacs "
          "children child kids enfant enfants parent parents mother father mere pere household "
          "foyer menage "},
    Theme{"genetic or biometric traits",
          " genetic genetique genetics dna adn biometric biometrique face visage "},
    Theme{"looks", " height taille weight poids appearance apparence body corps obese "},
    Theme{"place of residence",
          " address adresse residence domicile postcode zip zipcode postal postale quartier "
          "neighbourhood neighborhood district commune iris "},
};

constexpr Theme kRanking{
    "",
    " tier gamme sensitivity sensible sensitive sensibilite elasticity elasticite wtp willingness "
    "pay payer "};

/// Lower case, without the accents of French; what is no letter becomes a blank, as does the border
/// before a capital.
std::string plain(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, char>, 30> kAccents{{
        {"à", 'a'}, {"â", 'a'}, {"ä", 'a'}, {"ç", 'c'}, {"é", 'e'}, {"è", 'e'},
        {"ê", 'e'}, {"ë", 'e'}, {"î", 'i'}, {"ï", 'i'}, {"ô", 'o'}, {"ö", 'o'},
        {"ù", 'u'}, {"û", 'u'}, {"ü", 'u'}, {"À", 'a'}, {"Â", 'a'}, {"Ä", 'a'},
        {"Ç", 'c'}, {"É", 'e'}, {"È", 'e'}, {"Ê", 'e'}, {"Ë", 'e'}, {"Î", 'i'},
        {"Ï", 'i'}, {"Ô", 'o'}, {"Ö", 'o'}, {"Ù", 'u'}, {"Û", 'u'}, {"Ü", 'u'},
    }};
    std::string words = " ";
    bool was_small = false;
    for (std::size_t i = 0; i < name.size();) {
        const auto accent = std::find_if(kAccents.begin(), kAccents.end(), [&](const auto& each) {
            return name.substr(i).starts_with(each.first);
        });
        const char c = accent != kAccents.end() ? accent->second : name[i];
        i += accent != kAccents.end() ? accent->first.size() : 1;
        const bool small = c >= 'a' && c <= 'z';
        const bool capital = c >= 'A' && c <= 'Z';
        if (capital && was_small) words += ' ';
        words += small ? c : capital ? static_cast<char>(c - 'A' + 'a') : ' ';
        was_small = small;
    }
    return words + ' ';
}

bool names(const Theme& theme, std::string_view words) {
    for (std::size_t begin = 0; begin + 1 < words.size();) {
        const std::size_t end = words.find(' ', begin + 1);
        const bool is_word = end > begin + 1;
        // With its blanks, so that a whole word has to be the same.
        if (is_word &&
            theme.words.find(words.substr(begin, end - begin + 1)) != std::string::npos) {
            return true;
        }
        begin = end;
    }
    return false;
}

}  // namespace

std::optional<std::string> why_refused(std::string_view name) {
    const std::string words = plain(name.substr(0, 256));
    const std::string quoted = "'" + std::string(name.substr(0, 64)) + "'";
    const bool of_price =
        words.find(" price ") != std::string::npos || words.find(" prix ") != std::string::npos;
    if (of_price && names(kRanking, words)) {
        return quoted +
               " is for ranking only: what somebody is used to pay must not decide who gets what "
               "value (REQUIREMENTS T12)";
    }
    for (const Theme& theme : kProtected) {
        if (!names(theme, words)) continue;
        return quoted + " asks for " + std::string(theme.what) +
               ", which is protected: nobody is offered or refused anything for it, and no profile "
               "holds it (REQUIREMENTS T11)";
    }
    return std::nullopt;
}

}  // namespace vitrine::wire
