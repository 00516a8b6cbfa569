"""Words the invented names, addresses and texts are made of. None is the name of a real structure or person."""

import re
from functools import lru_cache

FICTIF = "(fictif)"
NBSP = "\u00a0"


@lru_cache(4096)
def typo(text: str) -> str:
    """Non-breaking spaces where French wants them: before ; : ! ? », after «, before « h », « min », « m »."""
    text = re.sub(r" (?=[;:!?»])|(?<=«) ", NBSP, text)
    return re.sub(r"(?<=\d) (?=(?:h|min|m|ans)\b)", NBSP, text)


NATURE = (
    "les Tilleuls", "les Glycines", "les Acacias", "les Charmes", "les Ormes", "les Peupliers", "les Saules",
    "les Noisetiers", "les Cerisiers", "les Amandiers", "les Marronniers", "les Platanes", "les Érables",
    "les Aulnes", "les Bouleaux", "les Cèdres", "les Genêts", "les Bruyères", "les Fougères", "les Coquelicots",
    "les Bleuets", "les Pervenches", "les Primevères", "les Jonquilles", "les Lilas", "les Camélias",
    "les Magnolias", "les Iris", "les Pivoines", "les Capucines", "les Hirondelles", "les Martinets",
    "les Rouges-Gorges", "les Fauvettes", "les Alouettes", "les Pinsons", "les Bergeronnettes", "les Loriots",
    "les Chardonnerets", "les Hérons", "les Cigales", "les Libellules", "les Coccinelles", "les Abeilles",
    "les Écureuils", "le Chêne rouvre", "le Grand Cèdre", "le Vieux Moulin", "le Pré vert", "le Clos fleuri",
    "le Verger", "le Bois joli", "le Petit Bois", "le Jardin des sens", "la Clairière", "la Source", "la Roseraie",
    "la Prairie", "la Garenne", "la Vallée", "la Colline", "la Chênaie", "la Hêtraie", "la Pinède",
    "l’Orée du bois", "l’Étang", "l’Aubépine", "l’Églantine", "l’Arbre à pain", "l’Olivier",
)  # fmt: skip
LIEUX_DITS = (
    "", "", "", "", "", " d’argent", " du canal", " du coteau", " du parc", " du plateau", " de la gare",
    " de l’écluse", " du pont", " de la butte", " du lavoir",
)  # fmt: skip
PORTEURS = (
    "Horizon partagé", "Cap Soleil", "Le Fil d’Ariane", "Traverses", "Passerelles", "Grand Large", "Trait d’union",
    "La Main ouverte", "Aurores", "Le Phare", "Les Deux Rives", "Rebonds", "Point du jour", "La Boussole",
    "Escales", "Racines et Ailes d’Île-de-France", "L’Ancre bleue", "Vivre ici", "Les Voies nouvelles",
    "Chemins de traverse", "Soleil d’automne", "Le Relais des âges", "Entraide et Savoirs", "La Clé des champs",
    "Petits Pas", "Éclaircie", "Les Quatre Saisons", "Mosaïque", "Accueil et Partage", "L’Envol",
    "Terre d’accueil", "Le Pas de côté", "Les Cerfs-Volants", "Confluence", "Grandir ensemble", "La Ruche",
    "L’Estuaire", "Au fil de l’eau", "Côté jardin", "La Passiflore",
)  # fmt: skip
PRENOMS = (
    "Nadia", "Camille", "Karim", "Hélène", "Sophie", "Paul", "Inès", "Mathilde", "Julien", "Fatou", "Antoine",
    "Léa", "Mehdi", "Claire", "Vincent", "Aïcha", "Thomas", "Élodie", "Rachid", "Sylvie", "Jean-Marc", "Awa",
    "Pauline", "Nicolas", "Samira", "Olivier", "Catherine", "Moussa", "Isabelle", "Bruno", "Myriam", "Étienne",
    "Delphine", "Youssef", "Anne-Laure", "Gilles", "Yasmine", "Benoît", "Chantal", "Ibrahim",
)  # fmt: skip
NOMS = (
    "Aubertin", "Belhadj", "Carpentier", "Diallo", "Estrade", "Fontanel", "Garrigue", "Haddad", "Imbert",
    "Joubert", "Kermarec", "Lacombe", "Mansouri", "Nivelle", "Ollivier", "Périchon", "Quéméner", "Roussel",
    "Sarrazin", "Traoré", "Urbain", "Vasselin", "Wallon", "Yildiz", "Zeller", "Benchekroun", "Cordelier",
    "Delaporte", "Fauconnier", "Guérin", "Hamon", "Jacquemin", "Koné", "Levavasseur", "Montagné", "Okafor",
    "Pelletier", "Rahmani", "Sénéchal", "Toussaint",
)  # fmt: skip
VOIES = (
    "rue", "rue", "rue", "rue", "avenue", "avenue", "boulevard", "place", "allée", "chemin", "impasse", "square",
    "quai",
)  # fmt: skip
VOIES_NOMS = (
    "de la République", "de l’Église", "Victor-Hugo", "Jean-Jaurès", "de la Gare", "du Général-de-Gaulle",
    "Pasteur", "des Écoles", "de la Mairie", "Anatole-France", "du Moulin", "de Paris", "de la Liberté",
    "Gambetta", "Marie-Curie", "des Lilas", "du 8-Mai-1945", "Émile-Zola", "de Verdun", "Louise-Michel",
    "du Château", "des Peupliers", "Voltaire", "de la Fontaine", "Simone-Veil", "des Tilleuls", "du Bois",
    "Carnot", "de l’Abbaye", "Henri-Barbusse", "du Stade", "Gabriel-Péri", "de la Paix", "des Roses",
    "Jules-Ferry", "du Marché", "Joséphine-Baker", "de la Forêt",
)  # fmt: skip
COMPLEMENTS = (
    "Bâtiment B", "Bâtiment C, 2e étage", "Hall 3", "Résidence du Parc", "1er étage, porte gauche",
    "Entrée côté jardin", "Rez-de-chaussée", "Zone d’activité des Prés",
)  # fmt: skip
ACCES = (
    "RER à 8 min à pied ; arrêt de bus devant l’entrée.",
    "Métro à 300 m. Sonner à l’interphone, porte de gauche.",
    "Accès par la cour ; ascenseur au fond du hall.",
    "Stationnement gratuit devant l’établissement, deux places réservées aux personnes handicapées.",
    "Tramway à 5 min. L’entrée se fait par la rue de derrière en dehors des heures d’ouverture.",
)
COMMENTAIRES = (
    "Établissement engagé dans une démarche de recueil de la parole des personnes accueillies.",
    "Projet d’établissement révisé avec le conseil de la vie sociale.",
    "Travaux de rénovation terminés ; l’accueil a retrouvé ses locaux.",
    "Membre du réseau local de santé mentale.",
)

ADMISSION: dict[str, tuple[str, ...]] = {
    "addictologie": (
        "Accueil gratuit et confidentiel, sans avance de frais. Un simple appel suffit pour prendre rendez-vous.",
        "Toute personne majeure concernée par une consommation, la sienne ou celle d’un proche.",
        "Accueil anonyme possible. Premier entretien avec un infirmier ou un éducateur.",
    ),
    "act": (
        "Dossier médical et dossier social à envoyer ensemble ; commission d’admission deux fois par mois.",
        "Personne atteinte d’une maladie chronique et en situation de précarité. Réponse sous quinze jours.",
    ),
    "precarite": (
        "Orientation par le SIAO, une maraude, un service social ou un établissement de santé.",
        "Certificat médical de moins de 48 heures précisant les soins à poursuivre.",
    ),
    "enfance": (
        "Enfant présentant un trouble du neurodéveloppement, sans notification de la MDPH.",
        "Notification de la MDPH nécessaire. Visite préalable avec la famille.",
        "Demande faite par les parents, sur le conseil d’un médecin, de la crèche ou de l’école.",
    ),
    "handicap": (
        "Notification de la MDPH nécessaire. Stage de découverte d’une à trois semaines avant l’admission.",
        "Dossier déposé dans ViaTrajectoire ; visite puis commission d’admission chaque mois.",
    ),
    "age": (
        "Personne de 60 ans et plus, ou dérogation d’âge. Dossier unique d’admission dans ViaTrajectoire.",
        "Sur prescription médicale. Visite d’évaluation à domicile par l’infirmière coordinatrice.",
    ),
    "psychiatrie": (
        "Premier rendez-vous sur appel de la personne ou adressage de son médecin. Secteur géographique à vérifier.",
        "Accueil sans condition d’adressage ; entretien infirmier dans la semaine.",
    ),
    "hopital": (
        "Sur rendez-vous avec un courrier du médecin traitant.",
        "Admission directe possible après accord téléphonique avec le médecin de l’unité.",
    ),
    "readaptation": (
        "Demande dans ViaTrajectoire, volet SMR. Accord médical avant l’admission.",
        "À la suite d’une hospitalisation, sur demande du service d’origine.",
    ),
    "ville": (
        "Nouveaux patients acceptés dans la limite des créneaux ouverts.",
        "Sur rendez-vous, en ligne ou par téléphone ; créneaux réservés aux urgences chaque matin.",
    ),
    "soins": ("Sur rendez-vous.",),
}
ACCUEIL: tuple[str, ...] = (
    "Salle d’attente au rez-de-chaussée ; boissons chaudes à disposition.",
    "L’accueil est assuré par un binôme, éducateur et infirmier. Casiers fermés à disposition.",
    "Locaux de plain-pied, sanitaires adaptés. Interprétariat par téléphone possible.",
    "Chambres individuelles avec salle d’eau. Visites libres de 11 h à 20 h.",
    "Premier entretien d’une heure, seul ou accompagné d’un proche.",
    "Repas partagé le midi sur inscription la veille.",
)
ANIMAUX: tuple[str, ...] = (
    "Les animaux domestiques ne sont pas acceptés.",
    "Chiens guides et d’assistance acceptés.",
    "Petits animaux acceptés s’ils restent propres, calmes et vaccinés.",
    "Chiens tenus en laisse acceptés dans la cour ; carnet de vaccination demandé.",
)
COMPLEMENTS_UO: tuple[str, ...] = (
    "Réunion d’équipe le jeudi matin : répondeur jusqu’à 11 h.",
    "Équipe en cours de recrutement d’un médecin ; délai de premier rendez-vous allongé.",
    "Convention avec le centre hospitalier voisin pour les avis spécialisés.",
    "Liste d’attente : environ deux mois pour un premier rendez-vous.",
    "Permanence téléphonique pour les professionnels du lundi au vendredi, de 9 h à 17 h.",
    "Visioconférence possible pour les réunions de synthèse.",
)
USAGES_TEL: tuple[str, ...] = (
    "",
    "",
    "",
    "de 9 h à 17 h",
    "aux heures d’ouverture",
    "répondeur le week-end",
    "réservé aux professionnels",
)
