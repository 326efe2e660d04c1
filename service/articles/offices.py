"""Nouns for those who speak: persons by office or trade, bodies, and titles."""

from service.articles.wordlists import listed

PERSONS = listed("""
    minister president premier chancellor ambassador envoy spokesman spokeswoman spokesperson
    spokesmen spokespeople spokespersons official officials diplomat diplomats leader leaders
    chief chiefs head director secretary undersecretary under-secretary commissioner commander
    chairman chairwoman chair chairperson mayor governor senator congressman congresswoman mp
    mps tds td mep lawmaker lawmakers deputy judge judges prosecutor lawyer counsel barrister
    attorney general colonel major captain lieutenant sergeant corporal marshal admiral
    brigadier commodore constable officer officers sheriff superintendent inspector king queen
    prince princess emperor sultan emir sheikh monarch duke duchess pope bishop bishops
    archbishop cardinal imam ayatollah rabbi priest vicar pastor reverend monk nun negotiator
    negotiators mediator delegate delegates representative representatives coordinator
    rapporteur observer consul vice-consul attaché counsellor adviser advisers advisor aide
    aides source sources insider insiders pal pals coach manager referee striker midfielder
    goalkeeper defender player players athlete athletes rower runner swimmer cyclist skipper
    footballer champion fan fans supporter supporters resident residents villager villagers
    neighbour neighbours neighbor farmer farmers fisherman fishermen shopkeeper shopper trader
    traders trucker driver drivers sailor soldier soldiers worker workers welder miner engineer
    scientist doctor nurse teacher schoolteacher headteacher student students pupil professor
    lecturer academic researcher analyst analysts economist historian expert experts author
    writer novelist poet journalist journalists reporter reporters correspondent columnist
    editor publisher presenter broadcaster interpreter translator critic critics rival rivals
    opponent opponents protester protesters demonstrator activist activists campaigner
    campaigners organiser organisers organizer organizers volunteer witness witnesses survivor
    victim victims relative relatives wife husband widow widower mother father mum dad son
    daughter sister brother aunt uncle cousin grandmother grandfather grandson friend friends
    colleague colleagues counterpart predecessor successor boss owner founder executive ceo
    convener secretary-general treasurer registrar clerk librarian curator producer conductor
    actor actress singer artist chef barman barmaid waiter tenor soprano guide pilot astronaut
    hunter keeper beekeeper baker butcher vintner grower growers boffin strongman politician
    politicians councillor councillors alderman ministers presidents ambassadors envoys premiers
    chancellors governors kings generals commanders monitors inspectors investigators hauliers
    bottlers pm prime foreign-minister veteran veterans pensioner customer passenger tourist
    visitor visitors guest guests member members man woman men women boy girl person voice
    policemen chairmen businessmen congressmen statesmen sportsmen spokeswomen firemen gentlemen
    policeman policewoman fireman businessman businesswoman speaker whip backbencher taoiseach
    minister-president trade-unionist unionist loyalist rebel rebels hardliner moderate punters
    punter viewer user users grandmaster commissioners sergeant-at-arms crewman crew philosopher
    scholar executives lobbyist financier banker investor dealer strategist pollster winner
    winners laureate democrats republicans conservatives announcer announcers socialists
    liberals nationalists ruler rulers counselor hacker hackers militant militants commentator
    commentators blogger creditor creditors lender lenders inventor architect musician painter
    sculptor composer violinist pianist gardener carpenter plumber mechanic electrician vet
    dentist surgeon midwife pharmacist optician undertaker fishmonger greengrocer tailor
    chauffeur steward attendant attendants cleaner janitor porter caretaker warden firefighter
    firefighters paramedic medic lifeguard detective gendarme militiaman refugee refugees
    migrant migrants exile exiles dissident dissidents prisoner prisoners hostage hostages
    commander-in-chief high-commissioner first-minister subordinate superior protégé heir host
    hosts
""")
"""Nouns, in lower case, for somebody who can speak."""

BODIES = listed("""
    ministry ministries embassy consulate mission government governments cabinet administration
    office palace parliament congress senate assembly council councils commission committee
    party coalition opposition bloc union unions federation confederation association league
    agency department departments directorate bureau authority authorities service army navy
    military police coastguard court tribunal bank company firm group corporation institute
    institution university foundation charity newspaper daily paper tabloid magazine broadcaster
    network channel station website press delegation delegations secretariat chancellery
    treasury presidency command force forces regiment garrison organisation organization society
    club chamber board panel crowd campaign alliance movement faction junta regime state nation
    country kingdom republic capital capitals side sides chambers commonwealth nato diocese
    church monarchy household port airport airline operator watchdog regulator ombudsman
    inspectorate headquarters bench jury editorial choir band team squad high-commission
""")
"""Nouns, in lower case, for a body that can speak."""

MASCULINE = listed("""
    mr sir lord king prince duke emperor sultan sheikh pope bishop father husband son brother
    uncle widower spokesman chairman congressman statesman barman fisherman man boy dad
    grandfather grandson imam rabbi ayatollah priest monk messrs actor waiter strongman
    policeman monsieur baron count señor herr businessman nephew gentleman alderman craftsman
""")
FEMININE = listed("""
    mrs ms miss mme madam madame lady dame queen princess duchess mother wife daughter sister
    aunt widow spokeswoman chairwoman congresswoman stateswoman barmaid fisherwoman woman girl
    mum grandmother actress nun empress señora frau businesswoman niece policewoman waitress
""")
HONORIFICS = listed("""
    mr mrs ms miss mme mlle dr prof sir lord lady dame rev hon cllr st gen col lt capt sgt maj
    adm brig sen rep gov amb cmdr supt insp det cpl messrs fr señor señora herr frau monsieur
    madame comrade baron baroness count countess
""")
"""Titles, in lower case and without the point, that belong to a name but say no office."""

PARTICLES = listed("""
    de da do dos das del della di du la le les van von der den ten ter het bin ibn al el abu
    ould ben bint y e zu zum af av
""")
"""Small words inside a personal name."""

SYNONYMS = {
    "spokesman": "spokesperson", "spokeswoman": "spokesperson", "premier": "prime minister",
    "pm": "prime minister", "chairman": "chair", "chairwoman": "chair", "chairperson": "chair",
    "boss": "chief", "head": "chief", "leader": "chief", "envoy": "ambassador",
    "advisor": "adviser", "congresswoman": "congressman", "td": "mp", "lawmaker": "mp",
    "schoolteacher": "teacher", "mum": "mother", "dad": "father", "neighbor": "neighbour",
}  # fmt: skip
"""One name for offices that a later mention may call by another."""

PORTFOLIOS = listed("""
    state defence defense foreign affairs external internal trade finance justice health
    interior education labour labor energy agriculture commerce treasury homeland security
    environment culture transport transportation industry tourism fisheries information
    immigration
""")
"""What a minister is minister of, so that a name may follow."""

DIPLOMATS = listed("""
    ambassador spokesperson minister representative consul attaché
""")
"""Offices whose holder may later be "the diplomat"."""

WEEKDAYS_AND_MONTHS = listed("""
    monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december jan feb mar apr jun jul aug sept sep
    oct nov dec
""")
