//! What the made-up company's records speak of: Danish trades, towns, people and goods, our own invention.

pub const FIRMS: [&str; 20] = [
    "Limfjordens",
    "Vestkystens",
    "Nordhavns",
    "Sydhavnens",
    "Kronjyllands",
    "Djurslands",
    "Fyns",
    "Bornholms",
    "Himmerlands",
    "Øresunds",
    "Sønderjyske",
    "Samsø",
    "Thy",
    "Møns",
    "Lollands",
    "Ærø",
    "Hedens",
    "Åens",
    "Fjordens",
    "Bæltets",
];
pub const TRADES: [&str; 20] = [
    "Mejeri",
    "Fiskemel",
    "Bryghus",
    "Kraftvarme",
    "Slagteri",
    "Papir",
    "Farmaceutiske",
    "Offshore Service",
    "Vandværk",
    "Biogas",
    "Savværk",
    "Fjernvarme",
    "Rederi",
    "Kridt og Kalk",
    "Køleteknik",
    "Sukker",
    "Plastteknik",
    "Kemi",
    "Værft",
    "Gartneri",
];
pub const FORMS: [&str; 4] = ["A/S", "ApS", "I/S", "P/S"];
pub const STREETS: [&str; 12] = [
    "Havnegade",
    "Kajen",
    "Møllevej",
    "Energivej",
    "Industrivej",
    "Fabriksvej",
    "Laboratorievej",
    "Dokvej",
    "Kildevej",
    "Grønnevej",
    "Skovvej",
    "Rørvej",
];
/// Postal code and town.
pub const TOWNS: [(&str, &str); 16] = [
    ("9000", "Aalborg"),
    ("6700", "Esbjerg"),
    ("5000", "Odense C"),
    ("2450", "København SV"),
    ("8900", "Randers C"),
    ("8500", "Grenaa"),
    ("3700", "Rønne"),
    ("7800", "Skive"),
    ("7700", "Thisted"),
    ("4000", "Roskilde"),
    ("4780", "Stege"),
    ("8700", "Horsens"),
    ("4900", "Nakskov"),
    ("8600", "Silkeborg"),
    ("8800", "Viborg"),
    ("6000", "Kolding"),
];
pub const FIRST_NAMES: [&str; 16] = [
    "Birgit", "Henrik", "Signe", "Poul", "Ulla", "Erik", "Lone", "Kaj", "Tove", "Anders", "Jørn", "Pia", "Sofus",
    "Gerda", "Mads", "Karen",
];
pub const LAST_NAMES: [&str; 16] = [
    "Toft",
    "Sand",
    "Lund",
    "Rask",
    "Krog",
    "Bang",
    "Friis",
    "Mikkelsen",
    "Kofoed",
    "Vad",
    "Odde",
    "Storm",
    "Brandt",
    "Juul",
    "Ring",
    "Dam",
];
pub const POSITIONS: [&str; 8] =
    ["Teknisk chef", "Vedligehold", "Indkøber", "Driftschef", "Kvalitet", "Projektleder", "Værkfører", "Ejer"];
/// What is sold, and its group.
pub const GOODS: [(&str, &str); 14] = [
    ("Kugleventil rustfri", "Kugleventiler"),
    ("Kugleventil messing", "Kugleventiler"),
    ("Butterflyventil EPDM", "Butterflyventiler"),
    ("Sædeventil PN16", "Sædeventiler"),
    ("Kontraventil rustfri", "Kontraventiler"),
    ("Sikkerhedsventil", "Sikkerhedsventiler"),
    ("Pneumatisk aktuator", "Aktuatorer"),
    ("Manometer Ø100", "Manometre"),
    ("Bimetaltermometer", "Termometre"),
    ("Tryktransmitter 4-20 mA", "Transmittere"),
    ("Magnetisk flowmåler", "Flowmålere"),
    ("Flange rustfri PN16", "Pakninger og flanger"),
    ("Svejsebøjning", "Rør og fittings"),
    ("Rørskål", "Isolering"),
];
pub const SIZES: [&str; 12] =
    ["DN15", "DN20", "DN25", "DN32", "DN40", "DN50", "DN65", "DN80", "DN100", "DN125", "DN150", "DN200"];
pub const MAKES: [&str; 8] = ["Danfors", "Hydra", "Nordflow", "Ventek", "Aqualine", "Petrox", "Sanitec", "Maritim"];
/// What quotes are about.
pub const JOBS: [&str; 12] = [
    "Ventiler til nyt CIP-anlæg",
    "Reservedele til produktionen",
    "Instrumentering af tanke",
    "Udskiftning af hovedventiler",
    "Flowmåling på procesvand",
    "Damp til linje",
    "Rentvandsventiler",
    "Servicepakke",
    "Trykregulering",
    "Gasrensning, etape",
    "Varmeveksler",
    "Klasseeftersyn",
];
pub const CARRIERS: [&str; 4] = ["Danske Fragtmænd", "PostNord", "DSV", "Afhentes"];
pub const REMARKS: [&str; 6] = [
    "Ring før levering.",
    "Vil have materialecertifikat 3.1.",
    "Spurgte til leveringstid på DN150.",
    "Faktura sendes elektronisk.",
    "Husk at de lukker fredag kl. 12.",
    "Har fået tilbud fra to andre.",
];
