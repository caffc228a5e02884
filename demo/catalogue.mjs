// The catalogue of the demonstration's shop, "La Halle Vitrine", in the format of docs/catalogue.md.

// id, parent, French, English, rhythm in days, flags
const CATEGORIES = [
  [1, 0, "Boulangerie", "Bakery", 4],
  [2, 0, "Crèmerie", "Dairy", 7],
  [21, 2, "Fromages", "Cheese", 10],
  [22, 2, "Lait, œufs, yaourts", "Milk, eggs, yoghurt", 6],
  [3, 0, "Fruits et légumes", "Fruit and vegetables", 5],
  [31, 3, "Fruits", "Fruit", 5],
  [32, 3, "Légumes", "Vegetables", 5],
  [4, 0, "Épicerie", "Groceries", 14],
  [41, 4, "Café", "Coffee", 14],
  [42, 4, "Thé et infusions", "Tea and infusions", 30],
  [43, 4, "Pâtes, riz, légumineuses", "Pasta, rice, pulses", 21],
  [44, 4, "Huiles et condiments", "Oil and condiments", 40],
  [45, 4, "Chocolat et biscuits", "Chocolate and biscuits", 10],
  [46, 4, "Petit-déjeuner", "Breakfast", 14],
  [47, 4, "Miels et confitures", "Honey and jam", 35],
  [5, 0, "Poissonnerie", "Fish", 9],
  [6, 0, "Boissons", "Drinks", 7],
  [61, 6, "Jus et sirops", "Juice and syrup", 9],
  [62, 6, "Vins et bières", "Wine and beer", 14, "age"],
  [7, 0, "Entretien", "Household", 28],
  [8, 0, "Maison", "Home", 60],
  [81, 8, "Linge de maison", "Linen", 120],
  [82, 8, "Cuisine et table", "Kitchen and table", 90],
  [83, 8, "Bougies et senteurs", "Candles and scents", 60],
  [84, 8, "Jardin et balcon", "Garden and balcony", 60],
  [9, 0, "Santé et intimité", "Health and intimacy", 30, "sensitive"],
  [91, 9, "Compléments alimentaires", "Food supplements", 30],
  [92, 9, "Tests et maternité", "Tests and maternity", 60],
  [93, 9, "Hygiène intime", "Intimate care", 30],
];

// category, image, French, English, what it gives, price in cents (and price before), unit price, more
const ROWS = [
  [1, "bread", "Pain de campagne au levain", "Sourdough country loaf", "price", [349], "6,98 €/kg", { popularity: 930 }],
  [1, "bread", "Baguette de tradition, la troisième offerte", "Traditional baguette, third one free", "multi_buy", [260], "", { popularity: 980 }],
  [1, "bread", "Croissants pur beurre, les 4", "All-butter croissants, 4", "percent_off", [340, 425], "", { popularity: 760 }],
  [1, "bread", "Brioche tressée", "Plaited brioche", "percent_off", [415, 519], "10,38 €/kg", { popularity: 540 }],
  [21, "cheese", "Comté affiné 18 mois", "Comté aged 18 months", "percent_off", [2190, 2580], "21,90 €/kg", { popularity: 870, tier: "premium" }],
  [21, "cheese", "Camembert de Normandie au lait cru", "Raw-milk Camembert from Normandy", "price", [465], "18,60 €/kg", { popularity: 640 }],
  [21, "cheese", "Plateau du crémier, 4 fromages", "Cheesemonger’s board, 4 cheeses", "amount_off", [1290, 1490], "", { popularity: 410, season: 12 }],
  [21, "cheese", "Chèvre frais aux herbes", "Fresh goat’s cheese with herbs", "price", [325], "21,67 €/kg", { season: 5 }],
  [22, "dairy", "Œufs plein air, la douzaine", "Free-range eggs, dozen", "price", [389], "0,32 € pièce", { popularity: 820 }],
  [22, "dairy", "Yaourts nature de Savoie, 8 pots", "Plain yoghurt from Savoy, 8 pots", "percent_off", [264, 330], "2,64 €/kg", { popularity: 610 }],
  [22, "dairy", "Beurre demi-sel de baratte", "Churned salted butter", "price", [329], "13,16 €/kg", { popularity: 700 }],
  [31, "fruit", "Clémentines de Corse, le filet d’un kilo", "Corsican clementines, 1 kg", "percent_off", [279, 349], "2,79 €/kg", { season: 11, popularity: 720 }],
  [31, "fruit", "Pommes Reinette, le kilo", "Reinette apples, per kilo", "price", [249], "2,49 €/kg", { season: 10, popularity: 560 }],
  [31, "fruit", "Poires Comice, le kilo", "Comice pears, per kilo", "price", [299], "2,99 €/kg", { season: 11 }],
  [31, "fruit", "Fraises Gariguette, la barquette", "Gariguette strawberries, punnet", "price", [399], "15,96 €/kg", { season: 5, weather: "hot" }],
  [32, "vegetables", "Potimarron de nos maraîchers", "Red kuri squash from local growers", "price", [199], "1,99 €/kg", { season: 11, weather: "cold", popularity: 450 }],
  [32, "vegetables", "Panier de légumes pour la soupe", "Soup vegetable basket", "amount_off", [449, 549], "", { weather: "cold", season: 1, popularity: 520 }],
  [32, "vegetables", "Salade, tomates, concombre : le trio d’été", "Summer trio: lettuce, tomatoes, cucumber", "price", [499], "", { weather: "hot", season: 7 }],
  [32, "vegetables", "Champignons de Paris, le kilo", "Button mushrooms, per kilo", "percent_off", [512, 640], "5,12 €/kg", { season: 10 }],
  [41, "coffee", "Café d’Éthiopie moulu, 250 g", "Ground Ethiopian coffee, 250 g", "percent_off", [498, 623], "19,92 €/kg", { popularity: 880 }],
  [41, "coffee", "Café en grains Colombie, 1 kg", "Colombian coffee beans, 1 kg", "percent_off", [1590, 1870], "15,90 €/kg", { popularity: 740, tier: "usual" }],
  [41, "coffee", "Décaféiné sans solvant, 250 g", "Solvent-free decaf, 250 g", "price", [545], "21,80 €/kg"],
  [41, "coffee", "Capsules compostables, 30", "Compostable capsules, 30", "multi_buy", [899], "0,30 € pièce", { popularity: 590 }],
  [42, "tea", "Thé vert sencha, 100 g", "Sencha green tea, 100 g", "price", [690], "69,00 €/kg"],
  [42, "tea", "Infusion verveine et tilleul", "Verbena and lime-flower infusion", "percent_off", [316, 395], "", { weather: "cold", popularity: 430 }],
  [42, "tea", "Thé de Noël aux épices", "Spiced Christmas tea", "price", [590], "59,00 €/kg", { season: 12 }],
  [43, "pasta", "Linguine artisanales au blé dur, 500 g", "Artisan durum linguine, 500 g", "percent_off", [199, 249], "3,98 €/kg", { popularity: 680 }],
  [43, "pasta", "Riz de Camargue, 1 kg", "Camargue rice, 1 kg", "price", [329], "3,29 €/kg", { popularity: 390 }],
  [43, "pasta", "Lentilles vertes du Puy, 500 g", "Green lentils from Le Puy, 500 g", "price", [289], "5,78 €/kg", { weather: "cold" }],
  [43, "pasta", "Pois chiches en bocal, deux pour le prix d’un et demi", "Chickpeas in a jar, two for one and a half", "multi_buy", [270], "3,97 €/kg"],
  [44, "oil", "Huile d’olive de Provence, 75 cl", "Olive oil from Provence, 75 cl", "percent_off", [1190, 1400], "15,87 €/L", { popularity: 650 }],
  [44, "oil", "Vinaigre balsamique vieilli", "Aged balsamic vinegar", "price", [650], "26,00 €/L"],
  [44, "oil", "Moutarde à l’ancienne", "Wholegrain mustard", "price", [239], "11,95 €/kg"],
  [45, "chocolate", "Tablettes noir 70 %, les 3", "Dark chocolate 70 %, 3 bars", "percent_off", [559, 699], "18,63 €/kg", { popularity: 780 }],
  [45, "biscuits", "Sablés bretons au beurre", "Breton butter biscuits", "price", [295], "11,80 €/kg", { popularity: 570 }],
  [45, "chocolate", "Pralinés assortis, 250 g", "Assorted pralines, 250 g", "amount_off", [1190, 1390], "47,60 €/kg", { season: 12 }],
  [45, "biscuits", "Madeleines au miel, les 12", "Honey madeleines, 12", "price", [349], "11,63 €/kg", { popularity: 480 }],
  [46, "breakfast", "Muesli aux fruits, 750 g", "Fruit muesli, 750 g", "percent_off", [448, 560], "5,97 €/kg", { popularity: 510 }],
  [46, "breakfast", "Flocons d’avoine, 1 kg", "Rolled oats, 1 kg", "price", [229], "2,29 €/kg", { popularity: 460, tier: "economy" }],
  [46, "breakfast", "Granola cacao-noisette", "Cocoa and hazelnut granola", "price", [489], "13,97 €/kg"],
  [47, "honey", "Miel de lavande, 500 g", "Lavender honey, 500 g", "price", [890], "17,80 €/kg", { popularity: 420 }],
  [47, "jam", "Confiture d’abricots du Roussillon", "Apricot jam from Roussillon", "percent_off", [339, 399], "9,16 €/kg"],
  [47, "jam", "Crème de marrons d’Ardèche", "Chestnut cream from Ardèche", "price", [365], "10,43 €/kg", { season: 11 }],
  [5, "fish", "Pavés de saumon Label Rouge, les 2", "Label Rouge salmon steaks, 2", "percent_off", [899, 1059], "29,97 €/kg", { popularity: 620 }],
  [5, "fish", "Moules de bouchot, le kilo", "Bouchot mussels, per kilo", "price", [549], "5,49 €/kg", { season: 9 }],
  [5, "fish", "Sardines à l’huile d’olive, millésime", "Vintage sardines in olive oil", "price", [475], "41,30 €/kg"],
  [61, "juice", "Jus de pomme fermier, 1 L", "Farm apple juice, 1 L", "percent_off", [239, 299], "2,39 €/L", { popularity: 550 }],
  [61, "juice", "Citronnade artisanale, 75 cl", "Craft lemonade, 75 cl", "price", [299], "3,99 €/L", { weather: "hot", season: 7 }],
  [61, "juice", "Sirop de grenadine, 70 cl", "Grenadine syrup, 70 cl", "price", [345], "4,93 €/L", { weather: "hot" }],
  [62, "basket", "Bourgogne Chardonnay, 75 cl", "Burgundy Chardonnay, 75 cl", "amount_off", [990, 1190], "13,20 €/L", { popularity: 440, tier: "premium" }],
  [62, "basket", "Bière blonde de brasserie locale, les 6", "Local blond beer, 6", "price", [990], "5,00 €/L"],
  [7, "cleaning", "Lessive au savon de Marseille, 40 lavages", "Marseille soap laundry liquid, 40 washes", "percent_off", [1119, 1399], "0,28 €/lavage", { popularity: 630 }],
  [7, "cleaning", "Liquide vaisselle rechargeable", "Refillable washing-up liquid", "price", [289], "3,85 €/L", { popularity: 380 }],
  [7, "cleaning", "Papier toilette recyclé, 12 rouleaux", "Recycled toilet paper, 12 rolls", "multi_buy", [549], "0,46 €/rouleau", { popularity: 590 }],
  [7, "cleaning", "Vinaigre ménager, 5 L", "Household vinegar, 5 L", "price", [459], "0,92 €/L"],
  [81, "linen", "Torchons en lin lavé, les 2", "Washed linen tea towels, 2", "percent_off", [1590, 1990], "", { popularity: 320 }],
  [81, "linen", "Serviettes éponge en coton bio", "Organic cotton towels", "amount_off", [1290, 1590], "", { popularity: 350 }],
  [81, "linen", "Plaid en laine recyclée", "Recycled wool throw", "price", [3990], "", { weather: "cold", season: 12 }],
  [82, "kitchenware", "Cocotte en fonte 24 cm", "Cast-iron casserole 24 cm", "percent_off", [8900, 11200], "", { season: 11, popularity: 410 }],
  [82, "kitchenware", "Couteau d’office affûté en France", "Paring knife made in France", "price", [1490], "", { popularity: 280 }],
  [82, "kitchenware", "Bocaux en verre, les 3", "Glass jars, 3", "price", [990], "", { popularity: 360 }],
  [82, "kitchenware", "Cafetière italienne 6 tasses", "Moka pot, 6 cups", "percent_off", [1990, 2490], "", { popularity: 390 }],
  [83, "candles", "Bougie figuier, cire végétale", "Fig tree candle, vegetable wax", "percent_off", [1190, 1490], "", { season: 11, popularity: 430 }],
  [83, "candles", "Bouquet de lavande séchée", "Dried lavender bouquet", "price", [890], ""],
  [84, "garden", "Bulbes de tulipes, les 20", "Tulip bulbs, 20", "price", [790], "", { season: 10 }],
  [84, "garden", "Herbes aromatiques en pot, les 3", "Potted herbs, 3", "percent_off", [690, 870], "", { season: 5, weather: "hot" }],
  [84, "garden", "Mangeoire à oiseaux", "Bird feeder", "price", [1590], "", { season: 12, weather: "cold" }],
  [8, "basket", "Emballage cadeau offert dès 30 €", "Free gift wrapping from 30 €", "service", [], "", { season: 12, budget: 200 }],
  [4, "basket", "200 points offerts dès 30 € d’épicerie", "200 points free from 30 € of groceries", "points", [], "", { value: 200 }],
  [91, "basket", "Magnésium marin, 60 gélules", "Marine magnesium, 60 capsules", "price", [1290], ""],
  [92, "basket", "Test de grossesse", "Pregnancy test", "price", [590], ""],
  [93, "basket", "Gel lavant intime", "Intimate cleansing gel", "price", [690], ""],
];

const DETAILS = {
  bread: ["Façonné et cuit sur place, plusieurs fois par jour.", "Shaped and baked here, several times a day."],
  cheese: ["À la coupe ou au rayon libre-service.", "At the counter or in the self-service chiller."],
  coffee: ["Torréfié à Lyon, en petites séries.", "Roasted in Lyon, in small batches."],
  fruit: ["De saison, cueilli à maturité.", "In season, picked ripe."],
  vegetables: ["De saison, de maraîchers à moins de 150 km.", "In season, from growers within 150 km."],
  linen: ["Tissé et confectionné en Europe.", "Woven and sewn in Europe."],
  kitchenware: ["Pièces détachées disponibles dix ans.", "Spare parts available for ten years."],
  fish: ["Selon arrivage, préparé à la demande.", "As landed, prepared to order."],
};
const TERMS = [
  "Dans la limite des stocks. Offre identique pour tous, en magasin.",
  "While stocks last. The same offer for everyone, in store.",
];

const text = ([fr, en]) => ({ fr, en });

function valueOf(kind, [price, before], more) {
  if (kind === "percent_off") return Math.floor((100 * (before - price)) / before);
  if (kind === "amount_off") return before - price;
  if (kind === "multi_buy") return 3;
  if (kind === "points") return more.value;
  return undefined;
}

function offerOf(row, index, from, until) {
  const [category, image, fr, en, kind, prices, unit, more = {}] = row;
  const offer = {
    id: 1001 + index,
    category,
    products: [50_001 + index],
    title: { fr, en },
    detail: text(DETAILS[image] ?? ["Choisi par nos chefs de rayon.", "Chosen by our department heads."]),
    terms: text(TERMS),
    image: `/images/${image}.svg`,
    value_kind: kind,
    value: valueOf(kind, prices, more),
    valid_from: from,
    valid_until: until,
    popularity: more.popularity ?? 250,
    season: more.season,
    weather: more.weather,
  };
  if (prices.length > 0) offer.price_cents = prices[0];
  if (prices.length > 1) offer.prior_price_cents = prices[1];
  if (unit !== "") offer.unit_price = unit;
  if (more.tier !== undefined) offer.price_tier = more.tier;
  if (more.budget !== undefined) offer.budget = more.budget;
  // What one takes along and uses at the till is not shown again at once.
  if (kind === "points" || kind === "service") Object.assign(offer, { reward: "saved", cool_down_days: 14 });
  // A campaign for those who come often, to show how a segment looks.
  if (image === "candles" && kind === "percent_off") offer.segment = { ">=": [{ var: "visits_30_days" }, 2] };
  return offer;
}

export function makeCatalogue(now) {
  const day = 86_400_000;
  const iso = (ms) => new Date(Math.floor(ms / day) * day).toISOString();
  return {
    format: "vitrine-catalogue-1",
    categories: CATEGORIES.map(([id, parent, fr, en, rhythm, flag]) => ({
      id,
      ...(parent ? { parent } : {}),
      name: { fr, en },
      ...(flag === "sensitive" ? { sensitive: true } : {}),
      ...(flag === "age" ? { needs_age_proof: true } : {}),
      rhythm_days: rhythm,
    })),
    offers: ROWS.map((row, index) => offerOf(row, index, iso(now - 3 * day), iso(now + 25 * day))),
  };
}
