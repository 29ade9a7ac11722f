"""Words of the simulated plant, by language: parts, steps, work centers, people, reasons.

All of it is invented. A step is (name, work center name, machine, department).
"""

PARTS = {
    "en": ["Bearing housing", "Drive shaft 40 mm", "Mounting bracket left", "Valve body DN50", "Pump cover", "Gear blank Z24", "Flange 120", "Spindle sleeve", "Base plate", "Lever arm"],
    "de": ["Lagergehäuse", "Antriebswelle 40 mm", "Haltewinkel links", "Ventilkörper DN50", "Pumpendeckel", "Zahnradrohling Z24", "Flansch 120", "Spindelhülse", "Grundplatte", "Hebelarm"],
    "fr": ["Carter de palier", "Arbre moteur 40 mm", "Équerre gauche", "Corps de vanne DN50", "Couvercle de pompe", "Ébauche pignon Z24", "Bride 120", "Douille de broche", "Plaque de base", "Bras de levier"],
    "es": ["Soporte de rodamiento", "Eje motriz 40 mm", "Escuadra izquierda", "Cuerpo de válvula DN50", "Tapa de bomba", "Piñón en bruto Z24", "Brida 120", "Casquillo de husillo", "Placa base", "Brazo de palanca"],
    "it": ["Supporto cuscinetto", "Albero motore 40 mm", "Staffa sinistra", "Corpo valvola DN50", "Coperchio pompa", "Grezzo ingranaggio Z24", "Flangia 120", "Bussola mandrino", "Piastra base", "Braccio leva"],
    "pt": ["Carcaça de rolamento", "Eixo motriz 40 mm", "Suporte esquerdo", "Corpo de válvula DN50", "Tampa da bomba", "Engrenagem bruta Z24", "Flange 120", "Bucha do fuso", "Placa base", "Braço de alavanca"],
    "pl": ["Obudowa łożyska", "Wał napędowy 40 mm", "Wspornik lewy", "Korpus zaworu DN50", "Pokrywa pompy", "Koło zębate Z24", "Kołnierz 120", "Tuleja wrzeciona", "Płyta podstawy", "Ramię dźwigni"],
    "nl": ["Lagerhuis", "Aandrijfas 40 mm", "Beugel links", "Klephuis DN50", "Pompdeksel", "Tandwiel ruw Z24", "Flens 120", "Spindelhuls", "Grondplaat", "Hefboomarm"],
    "zh": ["轴承座", "传动轴40mm", "左支架", "阀体DN50", "泵盖", "齿轮毛坯Z24", "法兰120", "主轴套", "底板", "杠杆臂"],
}

STEPS = {
    "en": [("Sawing", "Saw", "Kasto 320", "Cutting"), ("CNC turning", "Lathes", "Mazak QT-250", "Machining"), ("CNC milling", "Milling", "DMU 50", "Machining"), ("Deburring", "Bench work", "Bench 2", "Finishing"), ("Grinding", "Grinding", "Studer S33", "Finishing"), ("Final inspection", "Quality", "Zeiss Contura", "Quality")],
    "de": [("Sägen", "Sägerei", "Kasto 320", "Zuschnitt"), ("Drehen CNC", "Dreherei", "Index G200", "Zerspanung"), ("Fräsen CNC", "Fräserei", "DMU 50", "Zerspanung"), ("Entgraten", "Schlosserei", "Werkbank 2", "Nacharbeit"), ("Schleifen", "Schleiferei", "Studer S33", "Feinbearbeitung"), ("Endprüfung", "Qualität", "Zeiss Contura", "QS")],
    "fr": [("Sciage", "Débit", "Kasto 320", "Débit"), ("Tournage CN", "Tours CN", "Mazak QT-250", "Usinage"), ("Fraisage CN", "Fraiseuses", "DMU 50", "Usinage"), ("Ébavurage", "Établi", "Établi 2", "Finition"), ("Rectification", "Rectifieuses", "Studer S33", "Finition"), ("Contrôle final", "Contrôle", "Zeiss Contura", "Qualité")],
    "es": [("Corte con sierra", "Sierras", "Kasto 320", "Corte"), ("Torneado CNC", "Tornos", "Mazak QT-250", "Mecanizado"), ("Fresado CNC", "Fresadoras", "DMU 50", "Mecanizado"), ("Desbarbado", "Banco", "Banco 2", "Acabado"), ("Rectificado", "Rectificadoras", "Studer S33", "Acabado"), ("Inspección final", "Calidad", "Zeiss Contura", "Calidad")],
    "it": [("Taglio", "Segatrici", "Kasto 320", "Taglio"), ("Tornitura CNC", "Torni", "Mazak QT-250", "Lavorazioni"), ("Fresatura CNC", "Frese", "DMU 50", "Lavorazioni"), ("Sbavatura", "Banco", "Banco 2", "Finitura"), ("Rettifica", "Rettifiche", "Studer S33", "Finitura"), ("Collaudo finale", "Collaudo", "Zeiss Contura", "Qualità")],
    "pt": [("Corte serra", "Serras", "Kasto 320", "Corte"), ("Torneamento CNC", "Tornos", "Romi GL240", "Usinagem"), ("Fresamento CNC", "Fresas", "DMU 50", "Usinagem"), ("Rebarbação", "Bancada", "Bancada 2", "Acabamento"), ("Retífica", "Retíficas", "Studer S33", "Acabamento"), ("Inspeção final", "Qualidade", "Zeiss Contura", "Qualidade")],
    "pl": [("Cięcie", "Piły", "Kasto 320", "Krajalnia"), ("Toczenie CNC", "Tokarki", "Mazak QT-250", "Obróbka"), ("Frezowanie CNC", "Frezarki", "DMU 50", "Obróbka"), ("Gratowanie", "Ślusarnia", "Stół 2", "Wykończenie"), ("Szlifowanie", "Szlifierki", "Studer S33", "Wykończenie"), ("Kontrola końcowa", "Kontrola", "Zeiss Contura", "Jakość")],
    "nl": [("Zagen", "Zagerij", "Kasto 320", "Zagerij"), ("CNC draaien", "Draaierij", "Mazak QT-250", "Verspaning"), ("CNC frezen", "Frezerij", "DMU 50", "Verspaning"), ("Ontbramen", "Werkbank", "Werkbank 2", "Nabewerking"), ("Slijpen", "Slijperij", "Studer S33", "Nabewerking"), ("Eindcontrole", "Kwaliteit", "Zeiss Contura", "Kwaliteit")],
    "zh": [("下料", "锯床组", "锯床320", "下料车间"), ("数控车削", "车床组", "马扎克250", "机加车间"), ("数控铣削", "铣床组", "加工中心50", "机加车间"), ("去毛刺", "钳工组", "钳工台2", "精加工车间"), ("磨削", "磨床组", "磨床S33", "精加工车间"), ("终检", "质检组", "三坐标1", "质量部")],
}

PEOPLE = {
    "en": ["Dave Kowalski", "James Carter", "Priya Shah", "Bill Nguyen", "Maria Lopez", "Ken Olsen", "Tom Reed"],
    "de": ["Cem Yilmaz", "Ute Hoffmann", "Anja Krüger", "Jörg Möller", "Petra Schäfer", "Ivan Novak", "Karl Bauer"],
    "fr": ["Luc Moreau", "Hélène Petit", "Karim Benali", "Sophie Lefèvre", "Paul Girard", "Inès Roux", "Marc Faure"],
    "es": ["Lucía Romero", "Javier Ortiz", "Ana Núñez", "Pablo Vidal", "Marta Gil", "Íñigo Sáez", "Raúl Peña"],
    "it": ["Marco Rossi", "Giulia Ferri", "Luca Conti", "Anna Greco", "Paolo Riva", "Sara Galli", "Nicolò Villa"],
    "pt": ["João Silva", "Ana Souza", "Carlos Lima", "Beatriz Rocha", "Paulo Araújo", "Luís Mendes", "Rita Gonçalves"],
    "pl": ["Jan Nowak", "Anna Wójcik", "Piotr Zając", "Ewa Król", "Marek Dąbrowski", "Łukasz Mazur", "Zofia Pawlak"],
    "nl": ["Jan de Vries", "Sanne Bakker", "Piet Jansen", "Els Visser", "Koen Smit", "Daan Mulder", "Fleur Bos"],
    "zh": ["王伟", "李娜", "张强", "刘洋", "陈静", "赵磊", "孙丽"],
}

CUSTOMERS = {
    "en": ["Northfield Pumps", "Acme Hydraulics", "Delta Rail Ltd", "Orion Tools", "Summit Agri"],
    "de": ["Nordpumpen GmbH", "Hydro Süd AG", "Bahntechnik Kölln", "Orion Werkzeuge", "Agrar Müller KG"],
    "fr": ["Pompes du Nord", "Hydraulique Sud", "Ferroviaire Delta", "Outillage Orion", "Agri Sommet"],
    "es": ["Bombas Norte SL", "Hidráulica Sur SA", "Ferroviaria Delta", "Utillajes Orión", "Agro Cumbre"],
    "it": ["Pompe Nord Srl", "Idraulica Sud SpA", "Ferroviaria Delta", "Utensili Orione", "Agri Vetta"],
    "pt": ["Bombas Norte Ltda", "Hidráulica Sul SA", "Ferroviária Delta", "Ferramentas Órion", "Agro Cume"],
    "pl": ["Pompy Północ", "Hydraulika Śląsk", "Kolej Delta", "Narzędzia Orion", "Agro Szczyt"],
    "nl": ["Noordpompen BV", "Hydrauliek Zuid", "Spoortechniek Delta", "Orion Gereedschap", "Agri Top"],
    "zh": ["北方泵业", "南方液压", "德尔塔轨道", "猎户工具", "顶峰农机"],
}

MATERIALS = {
    "en": ["Round bar 42CrMo4", "Steel plate 10 mm", "Casting blank", "Hex screw M8", "O-ring 50"],
    "de": ["Rundstahl 42CrMo4", "Blech 10 mm", "Gussrohling", "Sechskantschraube M8", "O-Ring 50"],
    "fr": ["Rond 42CrMo4", "Tôle 10 mm", "Brut de fonderie", "Vis H M8", "Joint torique 50"],
    "es": ["Barra 42CrMo4", "Chapa 10 mm", "Pieza fundida", "Tornillo M8", "Junta tórica 50"],
    "it": ["Tondo 42CrMo4", "Lamiera 10 mm", "Grezzo fusione", "Vite M8", "O-ring 50"],
    "pt": ["Barra redonda 42CrMo4", "Chapa 10 mm", "Fundido bruto", "Parafuso M8", "Anel O 50"],
    "pl": ["Pręt 42CrMo4", "Blacha 10 mm", "Odlew surowy", "Śruba M8", "O-ring 50"],
    "nl": ["Rondstaf 42CrMo4", "Plaat 10 mm", "Gietstuk ruw", "Zeskantbout M8", "O-ring 50"],
    "zh": ["圆钢42CrMo4", "钢板10mm", "铸件毛坯", "六角螺栓M8", "O型圈50"],
}

SUPPLIERS = {
    "en": ["Steel Supply Co", "Foundry West", "FastenAll"], "de": ["Stahlhandel Ruhr", "Gießerei West", "Schrauben Groß"],
    "fr": ["Aciers du Rhône", "Fonderie Ouest", "Visserie Générale"], "es": ["Aceros Ebro", "Fundición Oeste", "Tornillería Gil"],
    "it": ["Acciai Po", "Fonderia Ovest", "Viteria Galli"], "pt": ["Aços Tietê", "Fundição Oeste", "Parafusos Lima"],
    "pl": ["Stal Śląsk", "Odlewnia Zachód", "Śruby Hurt"], "nl": ["Staalhandel Maas", "Gieterij West", "Bouten BV"],
    "zh": ["宝山钢材", "西区铸造", "标准件公司"],
}

DEFECTS = {
    "en": ["Dimension out of tolerance", "Scratch", "Porosity", "Burr", "Wrong thread"],
    "de": ["Maß außer Toleranz", "Kratzer", "Lunker", "Grat", "Gewinde falsch"],
    "fr": ["Cote hors tolérance", "Rayure", "Porosité", "Bavure", "Filetage faux"],
    "es": ["Medida fuera de tolerancia", "Rayadura", "Porosidad", "Rebaba", "Rosca incorrecta"],
    "it": ["Misura fuori tolleranza", "Graffio", "Porosità", "Bava", "Filetto errato"],
    "pt": ["Medida fora de tolerância", "Risco", "Porosidade", "Rebarba", "Rosca errada"],
    "pl": ["Wymiar poza tolerancją", "Rysa", "Porowatość", "Zadzior", "Zły gwint"],
    "nl": ["Maat buiten tolerantie", "Kras", "Porositeit", "Braam", "Verkeerde draad"],
    "zh": ["尺寸超差", "划伤", "气孔", "毛刺", "螺纹错误"],
}

STOPS = {
    "en": ["Breakdown", "No material", "Tool change", "Setup", "No operator", "Cleaning"],
    "de": ["Maschinenausfall", "Material fehlt", "Werkzeugwechsel", "Rüsten", "Personal fehlt", "Reinigung"],
    "fr": ["Panne machine", "Manque matière", "Changement outil", "Réglage", "Manque personnel", "Nettoyage"],
    "es": ["Avería", "Falta material", "Cambio de útil", "Preparación", "Falta operario", "Limpieza"],
    "it": ["Guasto", "Mancanza materiale", "Cambio utensile", "Attrezzaggio", "Mancanza operatore", "Pulizia"],
    "pt": ["Quebra de máquina", "Falta de material", "Troca de ferramenta", "Setup", "Falta de operador", "Limpeza"],
    "pl": ["Awaria", "Brak materiału", "Wymiana narzędzia", "Przezbrojenie", "Brak operatora", "Czyszczenie"],
    "nl": ["Storing", "Geen materiaal", "Gereedschapwissel", "Ombouwen", "Geen operator", "Schoonmaken"],
    "zh": ["设备故障", "缺料", "换刀", "调机", "缺人", "清洁"],
}

NOTES = {
    "en": ["see drawing", "rush", "call customer"], "de": ["siehe Zeichnung", "eilig", "Rücksprache"],
    "fr": ["voir plan", "urgent", "rappeler client"], "es": ["ver plano", "urgente", "llamar cliente"],
    "it": ["vedi disegno", "urgente", "sentire cliente"], "pt": ["ver desenho", "urgente", "ligar cliente"],
    "pl": ["patrz rysunek", "pilne", "telefon do klienta"], "nl": ["zie tekening", "spoed", "klant bellen"],
    "zh": ["见图纸", "加急", "联系客户"],
}

FAMILIES = {
    "en": ["Housings", "Shafts", "Plates"], "de": ["Gehäuse", "Wellen", "Platten"], "fr": ["Carters", "Arbres", "Plaques"],
    "es": ["Carcasas", "Ejes", "Placas"], "it": ["Carcasse", "Alberi", "Piastre"], "pt": ["Carcaças", "Eixos", "Placas"],
    "pl": ["Obudowy", "Wały", "Płyty"], "nl": ["Huizen", "Assen", "Platen"], "zh": ["壳体", "轴类", "板类"],
}

UNITS = {"en": "EA", "de": "Stk", "fr": "U", "es": "UD", "it": "PZ", "pt": "PC", "pl": "szt", "nl": "ST", "zh": "个"}
YES_NO = {"en": ("Yes", "No"), "de": ("Ja", "Nein"), "fr": ("Oui", "Non"), "es": ("Sí", "No"), "it": ("Sì", "No"), "pt": ("Sim", "Não"), "pl": ("Tak", "Nie"), "nl": ("Ja", "Nee"), "zh": ("是", "否")}
STATUS = {
    "en": ["Planned", "Released", "In process", "Completed", "Closed"], "de": ["Geplant", "Freigegeben", "In Arbeit", "Erledigt", "Abgeschlossen"],
    "fr": ["Planifié", "Lancé", "En cours", "Terminé", "Soldé"], "es": ["Planificada", "Lanzada", "En curso", "Terminada", "Cerrada"],
    "it": ["Pianificato", "Rilasciato", "In corso", "Terminato", "Chiuso"], "pt": ["Planejada", "Liberada", "Em processo", "Concluída", "Encerrada"],
    "pl": ["Planowane", "Zwolnione", "W toku", "Zakończone", "Zamknięte"], "nl": ["Gepland", "Vrijgegeven", "In bewerking", "Gereed", "Afgesloten"],
    "zh": ["计划", "下达", "开工", "完工", "结案"],
}
PASS_FAIL = {"en": ("Pass", "Fail"), "de": ("i.O.", "n.i.O."), "fr": ("Conforme", "Non conforme"), "es": ("Conforme", "No conforme"), "it": ("Conforme", "Non conforme"), "pt": ("Aprovado", "Reprovado"), "pl": ("Zgodny", "Niezgodny"), "nl": ("Goed", "Afgekeurd"), "zh": ("合格", "不合格")}
