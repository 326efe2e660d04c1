"""Countries, with their adjectives and capitals: who is meant by "Norwegian", "Norway" or "Oslo".

Only for telling two ministries apart and for not taking a country for a person. The names are the
ones the English-language press uses; a place that is missing costs nothing but that knowledge.
"""

from functools import cache

from service.articles.wordlists import listed

_TABLE = """
Afghanistan Afghan Kabul|Albania Albanian Tirana|Algeria Algerian Algiers|Angola Angolan Luanda
Argentina Argentine Argentinian Buenos_Aires|Armenia Armenian Yerevan
Australia Australian Canberra|Austria Austrian Vienna|Azerbaijan Azerbaijani Azeri Baku
Bahrain Bahraini Manama|Bangladesh Bangladeshi Dhaka|Belarus Belarusian Minsk|Belgium Belgian
Benin Beninese Cotonou|Bolivia Bolivian La_Paz|Bosnia Bosnian Sarajevo|Botswana Botswanan Gaborone
Brazil Brazilian Brasilia Brasília
Britain British Briton Britons Brits London UK U.K. United_Kingdom|England English
Scotland Scottish Scots Edinburgh|Wales Welsh Cardiff|Bulgaria Bulgarian Sofia|Burundi Burundian
Cambodia Cambodian Phnom_Penh|Cameroon Cameroonian Yaoundé|Canada Canadian Ottawa
Chad Chadian N'Djamena|Chile Chilean Santiago|China Chinese Beijing
Colombia Colombian Bogotá Bogota|Congo Congolese Kinshasa|Costa_Rica Costa_Rican San_José
Croatia Croatian Zagreb|Cuba Cuban Havana|Cyprus Cypriot Nicosia|Czechia Czech Prague
Denmark Danish Danes Copenhagen|Djibouti Djiboutian|Ecuador Ecuadorean Ecuadorian Quito
Egypt Egyptian Cairo|Eritrea Eritrean Asmara|Estonia Estonian Tallinn
Ethiopia Ethiopian Addis_Ababa|Fiji Fijian Suva|Finland Finnish Finns Helsinki
France French Paris Quai_d'Orsay|Gabon Gabonese Libreville|Gambia Gambian Banjul
Georgia Georgian Tbilisi|Germany German Germans Berlin|Ghana Ghanaian Accra|Greece Greek Athens
Guatemala Guatemalan|Guinea Guinean Conakry|Guyana Guyanese|Haiti Haitian
Honduras Honduran Tegucigalpa|Hungary Hungarian Budapest
Iceland Icelandic Icelanders Reykjavik Reykjavík|India Indian New_Delhi Delhi
Indonesia Indonesian Jakarta|Iran Iranian Tehran|Iraq Iraqi Baghdad|Ireland Irish Dublin
Israel Israeli Jerusalem|Italy Italian Rome|Jamaica Jamaican Kingston|Japan Japanese Tokyo
Jordan Jordanian Amman|Kazakhstan Kazakh Astana|Kenya Kenyan Nairobi
Kosovo Kosovar Kosovan Pristina|Kuwait Kuwaiti|Kyrgyzstan Kyrgyz Bishkek|Laos Laotian Vientiane
Latvia Latvian Riga|Lebanon Lebanese Beirut|Liberia Liberian Monrovia|Libya Libyan Tripoli
Lithuania Lithuanian Vilnius|Luxembourg Luxembourgish|Madagascar Malagasy|Malawi Malawian Lilongwe
Malaysia Malaysian Kuala_Lumpur|Maldives Maldivian|Mali Malian Bamako|Malta Maltese Valletta
Mauritania Mauritanian Nouakchott|Mauritius Mauritian|Mexico Mexican Mexico_City
Moldova Moldovan Chisinau Chișinău|Mongolia Mongolian Ulaanbaatar|Montenegro Montenegrin Podgorica
Morocco Moroccan Rabat|Mozambique Mozambican Maputo|Myanmar Burma Burmese Naypyidaw
Namibia Namibian Windhoek|Nepal Nepali Nepalese Kathmandu|Netherlands Dutch Hague The_Hague
New_Zealand Wellington Kiwi|Nicaragua Nicaraguan Managua|Niger Nigerien Niamey
Nigeria Nigerian Abuja|North_Korea North_Korean Pyongyang|South_Korea South_Korean Seoul
North_Macedonia Macedonian Skopje|Norway Norwegian Norwegians Oslo|Oman Omani Muscat
Pakistan Pakistani Islamabad|Palestine Palestinian|Panama Panamanian|Papua_New_Guinea Port_Moresby
Paraguay Paraguayan Asunción|Peru Peruvian Lima|Philippines Philippine Filipino Manila
Poland Polish Poles Warsaw|Portugal Portuguese Lisbon|Qatar Qatari Doha|Romania Romanian Bucharest
Russia Russian Moscow Kremlin Russian_Federation|Rwanda Rwandan Kigali|Saudi_Arabia Saudi Riyadh
Senegal Senegalese Dakar|Serbia Serbian Serb Belgrade|Sierra_Leone Freetown|Singapore Singaporean
Slovakia Slovak Bratislava|Slovenia Slovenian Ljubljana|Somalia Somali Mogadishu
South_Africa South_African Pretoria|Spain Spanish Spaniards Madrid|Sri_Lanka Sri_Lankan Colombo
Sudan Sudanese Khartoum|Sweden Swedish Swedes Stockholm|Switzerland Swiss Bern Berne
Syria Syrian Damascus|Taiwan Taiwanese Taipei|Tajikistan Tajik Dushanbe|Tanzania Tanzanian Dodoma
Thailand Thai Bangkok|Togo Togolese Lomé|Tonga Tongan|Tunisia Tunisian Tunis
Turkey Türkiye Turkish Turks Ankara|Turkmenistan Turkmen Ashgabat|Tuvalu Tuvaluan
Uganda Ugandan Kampala|Ukraine Ukrainian Ukrainians Kyiv Kiev
United_Arab_Emirates Emirati UAE Abu_Dhabi|Uruguay Uruguayan Montevideo
United_States American Americans Washington US U.S. USA White_House|Uzbekistan Uzbek Tashkent
Vanuatu Samoa Samoan|Vatican Holy_See|Venezuela Venezuelan Caracas|Vietnam Vietnamese Hanoi
Yemen Yemeni Sanaa|Zambia Zambian Lusaka|Zimbabwe Zimbabwean Harare
European_Union EU European Brussels
"""


def _rows() -> list[list[str]]:
    return [row.split() for line in _TABLE.split("\n") for row in line.split("|") if row]


@cache
def countries() -> dict[str, str]:
    """Return country by name, adjective or capital, all in lower case."""
    rows = _rows()
    return {
        name.replace("_", " ").casefold(): names[0].replace("_", " ")
        for names in rows
        for name in names
    }


@cache
def country_adjectives() -> frozenset[str]:
    """Return the one-word adjectives of nations in lower case, which modify and do not name."""
    ends = ("an", "ish", "ese", "i", "ch", "sh", "ek", "uk", "ic", "ss", "ai", "ian", "ean", "ot")
    more = listed("""
        greek czech slovak dutch thai swiss welsh kazakh uzbek tajik turkmen serb eu uk us u.s. u.k.
        scottish fijian kyrgyz
    """)
    names = {row[0].casefold() for row in _rows()}
    words = {word for word in countries() if " " not in word and word not in names}
    return frozenset({w for w in words if w.endswith(ends)} - _CAPITALS | more)


_CAPITALS = listed("""
    helsinki tbilisi lima suva dublin abidjan berlin tehran amman tunis kyiv dodoma naypyidaw
    jerusalem nairobi yerevan lisbon windhoek abu bamako manila delhi taipei kigali
""")
