/**
 * One row a formal name: the name, then its short, pet and variant forms, in folded form. A form may stand in
 * many rows; that makes the names of those rows no nicknames of each other. English first, then Spanish,
 * Portuguese, Italian, French, German, Dutch, Scandinavian, Slavic, Greek, Hebrew and Arabic names.
 */
const rows = `
aaron ron ronnie aron arron
abigail abby abbie abbey gail abi
abraham abe bram abie ibrahim avraham
adam ad addie
adelaide addie della heidi ada
adele addie della
adeline addie ada lina
adrian ade
adrienne addie
agatha aggie
agnes aggie nessie inez
aidan aiden
alan al allan allen alun
albert al bert bertie albie
alberta bertie berta
alexander alex al alec alexis sandy sander xander zander sasha lex alick alistair alejandro aleksandr
alexandra alex alexa lexi lexie sandra sandy sasha allie ali alix
alexandria alex alexa lexi sandra
alexis lexi lexie alex
alfred al fred alf alfie freddie
alfreda freda
alice allie ally ali alicia
alicia ali allie lisha
alison ali allie ally allison
allison ali allie ally alison
alvin al vin vinnie
amanda mandy manda amy mandi
amelia amy millie emmy mia
anastasia ana stacy stacey tasia nastya asya
andrea andi andie drea
andrew andy drew andre ander
angela angie angel ange
angelica angie angel
angelina angie lina
anita nita
ann annie nan anna anne nancy
anna ann anne annie hannah anya ana
annabelle anna belle bella annie
anne ann annie nan nancy anna
annette annie nettie
annmarie ann annie
anthony tony ant antony anton toni
antoinette toni nettie ann
antonia toni tonya
antonio tony tono toni nino
archibald archie archy baldie
ariana ari
arlene lena
armando mando
arnold arnie arn
arthur art artie
ashley ash
aubrey bree
audrey dee
augusta gussie
augustus gus augie august
augustine gus augie austin
austin gus
barbara barb babs barbie bobbie
barnabas barney
barnaby barney
barry baz
bartholomew bart barth bat
beatrice bea trixie bee tris beatrix
beatrix trixie bea trix
belinda bel linda bindy
benedict ben bennie dick
benjamin ben benji benny bennie benjy jamie
bernadette bernie detta
bernard bernie bern barney barnard
bertha bertie
bertram bert bertie
bethany beth
betty bett
beverly bev beverley
blanche blanch
bonita bonnie
bradford brad
bradley brad
brandon bran
brenda bren
brendan bren
brian bri bryan bryant
bridget bridie biddy bridgette
brittany britt brit britney
bronwyn bron
caleb cal
calvin cal vin vinnie
cameron cam
camille cam cammie millie
candace candy dacey candice
carl karl
carla carly
carlton carl
carmen carm
carol carrie caroline carole carrol
caroline carrie carol carly caro lina caddie carolyn
carolyn carrie carol lynn caroline
cassandra cassie sandra sandy cass
catherine cathy cath kate kathy katie kitty cat cate kat katherine kathryn kay
cecil cec
cecilia celia cissy cece cecily ceil
cedric ced rick
celeste celia
celestine celia
charity chattie
charles charlie chuck chas chip chaz charley carlos
charlotte lottie charlie lotte char lola carlotta
chelsea chels
cheryl cher sheryl
chester chet
christian chris christy kit kristian
christina chris tina christy chrissy crissy kris kristina christie
christine chris tina christy chrissy chrissie kris kristine christie
christopher chris kit topher christy kris kristopher christoph
clara clare claire clarie
clarence clare
clarissa clare clara rissa
claudia claud
clayton clay
clementine clem
clement clem
clifford cliff
clifton cliff
clinton clint
colin col
colleen coll
constance connie
constantine connie gus dinos kostas
cordelia delia cordy
corinne cory rinnie
cornelia nelly corny neely
cornelius con neil connie corny
courtney court
craig cragg
crystal crys krystal
curtis curt
cynthia cindy cyndi cyn cindi
cyrus cy
dale dal
damian damon damien
daniel dan danny dani dannie
danielle dani dan danny
daphne daph
darlene darla
darrell darryl daryl
david dave davey davie davy dai
dawn dee
deborah deb debbie debby debra
debra deb debbie debby deborah
deirdre dee
delbert del bert
delia dee
delores dolly lola dee
denise dee niecy
dennis den denny denis
derek derrick
diana di dee diane
diane di dee diana
dolores lola dolly lolly dee
dominic dom nic nick dominick
dominique dom nikki
donald don donnie donny
donna don
dora dot
dorothea dot dottie dora thea
dorothy dot dottie dolly dora dodie dotty
douglas doug dougie
duane dwayne
duncan dunc
dustin dusty
dylan dyl
earl earle
ebenezer eb eben
edgar ed eddie ned ted
edith edie ede
edmund ed eddie ned ted eamon
edna eddie
eduardo lalo eddie edu
edward ed eddie ned ted teddy eddy eduardo
edwin ed eddie ned win
edwina winnie edie
eileen aileen
elaine lainie laney elaina
eleanor ellie nell nellie nora lena ella elly lenora elinor
elena lena nell ellen
eli ely
elias eli
elijah eli lige
elisabeth liz lisa beth betsy lisbeth elsie elizabeth libby
elizabeth liz beth lizzie betty betsy bess bessie bettie eliza elsie lisa libby lizzy lisbeth liza buffy elspeth elise elisabeth betsey lib lillibet
ella ellie
ellen ellie nell nellie helen elly
elliot eli elliott
elmer el
eloise lois
elsie elisabeth
elvira elvie
elwood woody
emanuel manny manuel immanuel
emilia emily emmy millie
emily em emmy millie emmie emma
emma em emmy emmie
emmanuel manny manuel
emmeline em emmy
enrique kike quique rick henry
erasmus raz
eric rick erik ricky
erica ricki rikki erika
erin eri
ernest ernie ern
ernestine ernie tina
esmeralda esme
esther essie hester ettie
estella stella essie
estelle stella essie
ethel eth
etta ettie
eugene gene
eugenia genie gena jenny
eunice nicie
eva eve evie
evan ev
evangeline eva evie angie lina vangie
eve evie eva
evelyn eve evie lyn ev evelin
ezekiel zeke
ezra ez
faith fay
felicia fel lisha
felicity flick fliss
felix fee
ferdinand ferdie fred nando
fernando nando fer ferdie
fidelia delia
fiona fi fee
florence flo flora flossie florrie
floyd lloyd
frances fran fanny frankie francie francine sissy
francesca fran frankie chesca cesca
francine fran franny francie
francis frank fran frankie francie
francisco paco pancho frank cisco kiko curro paquito
franklin frank frankie
frederica freddie fred rica freda
frederick fred freddie freddy rick fritz fredrick ricky
gabriel gabe gabby
gabriella gabby ella bri gabi
gabrielle gabby gabe elle gabi
gareth gary gaz
garrett gary garry
gary gaz garry
gavin gav
genevieve gen ginny eve viv jenny
geoffrey geoff jeff jeffrey
george georgie jorge jordy
georgia george georgie
georgina georgie gina
gerald gerry jerry gerard
geraldine gerry jerry geri dina
gerard gerry jerry gerald
gertrude gertie trudy trudie gert
gilbert gil bert gib
giles gil
gillian gill jill gilly
gina regina
gladys glad
glenn glen
gloria glory
glynis glyn
gordon gord gordie
grace gracie
graham gray graeme grahame
gregory greg gregg
griffith griff
guadalupe lupe lupita pita
gustav gus gustavo
guinevere gwen jenny jennifer
gwendolyn gwen wendy gwenda lyn
hannah anna ann annie hanna hana
harold hal harry
harriet hattie harrie hatty etta
harrison harry
harry harold henry
harvey harve
hayley hay hailey haley
hazel haze
heather hettie
hector heck
helen nell nellie ellen lena elena helene
helena lena nell ellen
henrietta etta hettie henny hattie etty retta
henry hank hal harry hen
herbert herb bert herbie
herman manny
hermione minnie
hester hetty esther essie
hezekiah hez
hilary hil hillary
hilda hildy
holly hol
horace horry
horatio horry
howard howie
hubert bert hugh hub hubie
hugh hughie huey hew
humphrey humph
ian iain
ignacio nacho
ignatius iggy nate nace
imogen immy imo
ines inez agnes
ingrid inge
irene rene rena renie
irving irv
irwin erwin
isaac ike zac zak izzy isaak
isabel izzy bella belle ibby tibbie isabella sabel isobel bell
isabella izzy bella belle isabel ella
isabelle izzy bella belle isabel
isaiah zay ike
isidore izzy
israel izzy
ivan van
jack john jackie jackson jacky
jackson jack
jacob jake jay jakob jack cob
jacqueline jackie jacqui jacky lynn jacquelyn
jake jacob
james jim jimmy jamie jay jem jimmie jas jaime
jane janie jenny jan jean jayne
janet jan jane janie nettie
janice jan janis
jared jerry jarrod
jason jay jase
jasmine jas jazz jazmin
jason jay
jasper jas
javier javi xavi
jay jason
jean jeannie jeanie jeanne jane
jeanette jean jeannie nettie janet
jeanne jean jeannie
jedidiah jed
jefferson jeff
jeffrey jeff geoff jeffery geoffrey jeffry
jemima mima jem
jennifer jen jenny jenn jennie jenna
jeremiah jerry jeremy jem
jeremy jerry jem jez
jerome jerry
jesse jess jessie
jessica jess jessie jessy
jessie jess
jesus chuy chucho
jill gillian
jillian jill
joan joanie joanna jo
joanna jo joan joanie joann joanne annie
joanne jo joan joanna joann
job joby
jocelyn joss lynn
jodie jo judith
joel jo
johanna jo hanna joan joanna
john jack johnny jon johnnie jock ian sean jackie ivan johan
johnathan john jon nathan johnny nate jonathan
jonah joe
jonathan jon john nathan jonny johnny nate jonathon johnathan
jordan jordy
jose pepe joe chepe joseph pepito
josefina pepa fina josie
joseph joe joey jo jos josef jose jody
josephine jo josie jody fina josey joey josefina
joshua josh
josiah joe josh si
joy joyce
joyce joy
juan juanito john
juana juanita
judith judy jude judi jody
julia julie jules juliet
julian jule jules julius
juliana julie jules ana
julianne julie anne jules
julie jules julia
juliet julie jules juliette
julius jule jules
june juney
justin just jus
justine tina
karen kari kaz
katarina kat katya kate rina
kate katie
kathleen kathy kate katie kath kay kat kitty cathleen
katherine kate kathy katie kat kath kay kitty katy kit kathie catherine kathryn katharine katrina
katharine kate kathy katie kat kath kay kitty katy kit katherine
kathryn kate kathy katie kat kath kay katy katherine catherine
katrina trina kate kat katie tina
kayla kay
keith kei
kelly kel kelley
kelvin kel
kendall ken
kendra ken kenny
kendrick ken rick
kenneth ken kenny kenn
kerry kez
kevin kev
kimberly kim kimmy kimberley
kirsten kirsty
kirstin kirsty
kristen kris kristi
kristin kris kristi
kristina tina kris krissy
kristine kris kristy tina chris
kristopher kris
kurt curtis
kyle ky
laura laurie lora lori lolly
lauren laurie ren loren
laurence larry laurie lawrence lorenz
laurinda laura lindy
lavinia vinnie
lawrence larry laurie lawrie loren lon lawry laurence
leah lee lea
leander lee
lee leigh
lemuel lem
lena ellen
leo leon
leon lee leo lenny
leona nonie
leonard len lenny leo lennie leon
leonora nora lena
leopold leo poldi
leroy lee roy
leslie les lesley
lester les
letitia lettie tish letty
lewis lew louie lou louis
liam william
lila lily
lillian lil lily lilly lillie
lily lil
lincoln link
linda lindy lin lynn lyn lynda
lindsay linz lindsey
linnea nea
lionel leo
lisa lis
llewellyn lew lyn
lois lo
loretta lori etta retta
lorenzo larry renzo
lorraine lori rain lorrie raine
louis lou louie lewis luis
louisa lou lulu
louise lou lulu louie
lucas luke luc
lucia lucy lu
lucille lucy lu cille
lucinda cindy lucy lu
lucy lu lulu luce
luke lucas
luther lute
lydia lyddie
lynette lyn nettie lynn
lynn lyn lynne
mabel may
mackenzie mac kenzie
madeline maddie maddy madge lena madelyn
madeleine maddie maddy madge lena
madison maddie maddy
magdalena maggie lena magda
malachi mal
malcolm mal malc
mandy amanda
manuel manny manolo manu lolo
marcella marcy
marcia marcy marsha
marcus marc mark marco
margaret maggie peggy meg marge margie greta daisy madge margo peg mag meggie rita megan maisie mags margery gretchen margot mamie
margarita rita marga maggie
margery marge margie
maria mary mia mariah ria marie mimi
marian mary
marianne mary anne annie
marie mary mimi
marietta etta
marilyn mary lyn lynn
marion mary
marjorie marge margie marj
mark marc markus marcus
marlene lena marley
marsha marcy marcia
marshall marsh
martha marty mattie patty mart martie
martin marty mart
martina tina marty
marvin marv
mary molly polly mae mamie may maria marie mimi minnie mitzi
mason mace
mathilda tilly mattie tilda
matilda tilly mattie tilda maud matty
matthew matt matty mat mathew mateo
matthias matt
maud maudie matilda
maureen mo maura reenie
maurice mo morris maury moe
maxine max
maximilian max
maxwell max
megan meg meggie
melanie mel mellie
melinda mel mindy linda lindy
melissa mel missy lissa lisa
melody mel
melvin mel vin
mercedes merche sadie
meredith merry meri
merle merrill
mervyn merv
michael mike mick mickey micky mikey mitch micah miguel mikhail
micheal mike mick michael
michaela mickie kayla
michelle shelly shell mitchie chelle micki shelley
mildred millie milly mil
miles milo
millicent millie milly
milton milt
minerva minnie
miranda mandy randy mira
miriam mimi mitzi miri
mitchell mitch
mohammed mohamed mohammad muhammad mo mohd md mehmet mohamad mehmed muhammed
moira moy
molly mary
monica mona nikki
montgomery monty
morgan mo
morris mo morrie maurice
mortimer mort
morton mort morty
moses mo moe moshe
muriel mur
myron ron
nadine nada
nancy nan ann nance annie
naomi omi
natalie nat nattie tally natalia
natasha tasha nat tash natalia
nathan nate nat
nathaniel nate nat nathan nathanael
neil neal neill
nelson nels
nevil nev neville
nicholas nick nicky nico klaus nicolas colin claus nik nikolai
nicola nicky nikki nic
nicole nikki nicky nicki coco
nigel nige
noah noe
noel no
nora norah eleanor
norbert bert
norma normie
norman norm
nathalia nat
octavia tavia tavy
olive ollie livvy
oliver ollie olly noll
olivia liv livvy livia ollie olive
olympia pia
ophelia phelia
orlando lando
orville orv
oscar ozzie os
oswald ozzie oz
otto otis
owen oy
pablo paul
paige page
pamela pam pammy
pandora dora
patience pat
patricia pat patty tricia trish patsy trisha patti pattie tish
patrick pat paddy rick patsy padraig
paul paulie pablo pavel
paula polly paulie
paulina paula polly lina
pauline paula polly
pearl pearlie
penelope penny pen nell
percival percy
percy percival
perry peregrine
peter pete petey pedro piotr pierre
petronella nell petra
petra pet
philip phil pip phillip
phillip phil pip philip
philippa pippa pip phil
philomena mena phil
phineas finn phin
phoebe phebe
phyllis phyl
preston pres
priscilla cilla prissy pris scilla
prudence prue pru
quentin quent
quincy quin
rachel rach rae shelly rachael ray rachelle
rafael rafa rafi ralph
ralph rafe ralphie raphael
ramon moncho ray
ramona mona
randall randy
randolph randy dolph rand
raphael rafe rafi raf
raymond ray
rebecca becky becca beck reba beckie bec
regina gina reggie
reginald reg reggie rex ron naldo
rene renee
reuben rube ben
rex reginald
reynold ray
rhoda rho
rhonda ron
ricardo rick ricky rico richard
richard rick dick rich richie ricky dickie ritchie rico rickie
rita margarita
robert bob rob bobby robbie bert bobbie robby robin rab roberto dob
roberta bobbie robbie berta bert
roberto beto tito robert
robin rob robbie
rochelle shelly roch
roderick rod rick roddy rory
rodney rod roddy
rodolfo rudy fito
rodrigo rod rigo
roger rodge rog
roland rolly rollie rowland lanny
rolf rudolf
roman rome
ronald ron ronnie ronny
rosa rosie rosita
rosalie rose rosie rosa
rosalind roz rose lindy ros
rosalyn roz rose lyn
rosamund roz rose ros
rosanne rose rosie anne
rose rosie rosa
roseanne rose rosie ann roseann
rosemarie rose rosie marie
rosemary rose rosie mary romy
roxanne roxy roxie rox
rowena rena row
ruben ben
rudolph rudy dolph rolf rudolf
rufus rufe
rupert rube bert
russell russ rusty
ruth ruthie
ryan ry
sabrina bri brina
sally sal sarah sallie
salvador sal chava
salvatore sal sally sam tore
samantha sam sammy mandy
samson sam
samuel sam sammy samwell
sandra sandy san
santiago santi diego tiago james
sarah sally sadie sal sara
savannah vanna savanna
scott scotty scot
sean shawn shaun shane john
sebastian seb bas bastian
selina lina
selma sel
serena rena
seth se
seymour cy
shannon shan
sharon shari shar sherry
shaun sean shawn
sheila shel
shelby shel
sheldon shel
shelley shel
sheridan sherry
sherman sherm
shirley shirl lee
sidney sid syd
siegfried sig ziggy
sigmund sig ziggy
silas si
silvester syl sly
silvia syl
simon si sim simeon
simeon sim simon
solomon sol solly
sonia sonny
sophia sophie sophy sofia fifi
sophie soph sophia
spencer spence
stacy stace stacey
stanley stan
stella estelle
stephanie steph stephie stevie steffi annie stefanie
stephen steve stevie steph steven stephan stefan
steven steve stevie stephen
stewart stu stew stuart
stuart stu stew stewart
susan sue susie suzy sukie susanna suki
susanna sue susie anna susan zanna
susannah sue susie anna hannah susan
suzanne sue susie suzy suzie susan anne
sybil syb
sydney syd sid
sylvester syl vester sly
sylvia syl sylvie
tabitha tabby
tamara tammy tam mara
tammy tamara
tanya tatiana
tara tarah
tatiana tanya tania tati
taylor tay
teresa terry tess tessa terri tracy reese tere theresa
terence terry terrance
terrance terry
terrence terry
thaddeus thad tad ted
thelma thel
theodora dora thea teddie theo teddy
theodore ted theo teddy
theresa terry tess tessa terri resa tracy teresa therese
thomas tom tommy thom tomas
tiffany tiff
timothy tim timmy
tobias toby tobi
todd tod
toni antonia
tracy trace tracey
travis trav
trevor trev
tristan tris
tyler ty
tyrone ty
ulysses uly lyss
ursula ursie sulie
valentine val
valentina val tina
valerie val
vanessa nessa van essa vanna
vera ronnie
vernon vern
veronica ronnie vera roni nica ron
victor vic vick
victoria vicky tori vic vickie vikki tory vicki
vincent vince vinny vin vinnie vic
viola vi
violet vi
virgil virge
virginia ginny ginger gina virgie
vivian viv vi
viviana viv vivi
vladimir vlad volodya vova
wallace wally wal
walter walt wally wat
wanda wendy
warren ren
wayne way
wendell wendy dell
wendy wen
wesley wes
wilbert will bert
wilbur will
wilfred will fred wilf freddie
wilhelmina mina billie minnie wilma willie helmine
willard will
william bill will billy willie liam willy wil bud wills wilhelm
willis will
wilma will billie
winfred win fred
winifred winnie freddie win fred
winston win winnie
woodrow woody
yolanda yoli lonnie
yvette evie
yvonne evie vonnie
zachariah zach zack zac zak
zachary zach zack zac zak zachery
zebedee zeb
zedekiah zed
zelda griselda
zoe zo
alberto beto tito berto
alejandra ale alex sandra jandra
alejandro ale alex jandro sandro
alfonso poncho fonso alf
alfredo fredo fredy
amalia mali
ana anita
andres andy
angel angelito
antonia tonia toni tona
araceli celi
arturo turo
beatriz bea betty ticha
carlos carlitos charlie charly
carolina caro carol lina
catalina cata lina
cecilia ceci chila
claudia clau
concepcion concha conchita chita
consuelo chelo consu
cristina cris tina cristi
cristobal cris tobal
daniela dani
diego santiago
dolores lola loli
domingo mingo
eduardo edu lalo guayo
elena nena
emilio milo
encarnacion encarna
ernesto neto
esperanza espe pera
esteban estebi
eugenio geno
felipe pipe
fernanda fer nanda
francisca paca paquita fran panchita
gabriela gabi gaby
gerardo gera
gilberto beto gil
gonzalo gonza chalo
graciela chela gra
gregorio goyo
guillermo memo guille willy
gustavo gus tavo
humberto beto
ignacia nacha
isabel chabela isa
javiera javi
jesus chus suso
joaquin quino joaco quin
jorge coque jorgito
josefa pepa pepi fefa
jose pepe chema
juan juancho
julio julito
leonardo leo nardo
leticia leti
lorena lore
lourdes lulu
luis lucho luisito luigi
luisa luisi
manuela manoli lola manu
marcela marce
maria mari marita maruja mariquita
mario mayo
mauricio mau
mercedes meche merce
miguel migue mike miguelito
monserrat montse
natividad nati
nicolas nico
octavio tavo
oscar oscarin
patricia paty pati
pedro perico pedrito peter
pilar pili
rafael rafa fallo
ramiro rami
raymundo ray mundo
refugio cuca
remedios reme
rigoberto rigo beto
rocio chio
rosario charo chayo
salvador chava salva
santiago chago
sergio checo
silvia chivis
socorro coco
soledad sole
susana susi susa
teresa tere
tomas tomy
trinidad trini
valentina vale
veronica vero
vicente chente
victoria vicky
virginia vicky
yolanda yola
antonio toninho tonho
fernando nando
francisco chico
joao joaozinho
jose ze zezinho
luiz luizinho
manuel mane
alessandro sandro ale
alessandra sandra ale
antonella anto
bartolomeo bartolo meo
caterina cate rina
domenico mimmo nico
elisabetta betta elisa
enrico rico
federica fede
federico fede rico
filippo pippo
francesca franca cesca
francesco franco cecco checco
gabriele lele
giacomo mino
gianluca luca
giovanna vanna gianna
giovanni gianni nino vanni john
giuseppe beppe peppe pino peppino joe joseph
giuseppina pina giusy
lorenzo renzo lollo
luigi gigi gino louis
margherita rita
maddalena lena
matteo teo
michele lele
niccolo nico
pietro piero
raffaele lele raffa
roberto berto
salvatore toto turi
stefania stefi
stefano ste
tommaso tommy maso
umberto berto
vincenzo enzo vince
alexandre alex
antoine toine
catherine cathy
christophe chris
dominique dodo
elisabeth babette lisette
emmanuel manu
emmanuelle manu
francois fanfan
frederic fred
guillaume guy gui
jacques jacquot
jean jeannot
jeanne jeannette
laurent lau
madeleine mado
marguerite margot
mathieu mat
nathalie nath
nicolas nico
philippe phil
pierre pierrot
sebastien seb
stephane steph
thibault thib
valerie val
veronique vero
vincent vince
alexander sascha alex lexi
andreas andi andy anders
angelika geli angie
anneliese anne liesl
barbara babsi baerbel barbel
benjamin beni
bernhard berni bernd
bernd bernhard
brigitte gitte gitti birgit
christa christl
christiane christel jana
christoph chris toffel
cornelia conny nele
daniela dani
dietrich dieter dirk
dorothea dorle doro thea
eberhard eber
eduard edi ede
elfriede elfi friedel
elisabeth lisa elli elsbeth sissi else liesel lisbeth ilse betti
emilie emmi
ernst erni
eugen genius
ferdinand ferdi
franz franzl francis
franziska franzi fanny sissi ziska
friederike rike frieda fritzi
friedrich fritz fred friedel
gabriele gabi gabriela
georg schorsch jorg jurgen
gerhard gerd gert
gertrud gerti trude trudi traudl
gottfried friedel
hannelore hanne lore
hans hansi johann
heinrich heinz heiner hein henry
helene lena leni
helmut helmi
henriette jette henni
herbert herbi
hermann manni
hildegard hilde hilda
ignaz naz
ingeborg inge inga
irmgard irma irmi
jakob jockel
joachim achim jochen jo
johann hans hannes jo hansi john
johanna hanna hanne jo
johannes hans hannes jan johann
josef sepp jupp seppl beppo joseph
josefine josi fini
karl carl kalle charly
karoline lina karo
katharina kathi katja kathrin katrin kati rina kathe kaethe trine nina
klaus nikolaus
konrad kurt conny
kunigunde gundi
leonhard leo
liselotte lilo lotte liesel
lorenz lenz
ludwig lutz louis wiggerl
magdalena lena leni magda
manfred manni fred
margarete grete gretel gretchen rita marga
margarethe grete gretel gretchen marga
maria mia mitzi ria mariechen
marianne janne
matthias matze hias mathias
maximilian max maxi
michael michi michel micha
michaela michi ela
monika moni
nikolaus klaus nick niko
nikolas nik niko klas
oswald ossi
otto otti
peter peterle
philipp phil lipp
reinhard reiner
reinhold holdi
renate reni nate
richard richi
robert robbi
roland rolli
rosina rosi
rudolf rudi rolf
sabine bine
sebastian basti wastl bastian
siegfried sigi
siegmund sigi
silvia silvi
sophie sofie
stefan steffen stefan
stefanie steffi
susanne susi sanne
sylvia sylvi
theodor theo teo
theresa resi thesi
theresia resi
thomas tom
tobias tobi
ulrich uli ulli
ulrike uli rike ulli
ursula uschi ulla ursel
valentin vally
veronika vroni
viktoria vicki
walburga burgi wally
waltraud traudl
werner werni
wilhelm willi willy helmut wim
wilhelmine minna mina
wolfgang wolf wolfi
xaver xaverl
adrianus adri arie
antonius toon ton anton
cornelis kees cor
catharina trijntje toos rina
elisabeth els bep liesbeth
franciscus frans
gerardus gerard gerrit geert
gijsbert gijs
hendrik henk rik
hendrika riek rika
jacobus koos jaap cobus
johanna jo joke
johannes jan johan hans
leendert leen
maria mieke rie marieke
nicolaas klaas nico
petrus piet peter
pieter piet
theodorus theo dorus
willem wim pim
wilhelmina mien willy
anders andreas
birgitta gitta
erik erika
fredrik fredde
gunnar gunne
henrik henke
johan janne
karin kajsa
katarina karin kaja
kristian kris
kristina stina kicki
lars lasse
magnus mange
margareta greta
mikael micke
nils nisse
olof olle
per pelle
sofia soffi
stefan steffe
sven svenne
aleksander olek alek sasha
aleksandra ola sasha shura
aleksandr sasha shura alex sanya
aleksei alyosha lyosha
aleksey alyosha lyosha alex
alexei alyosha lyosha alex
anastasiya nastya asya
andrei andryusha andrew
andrey andryusha andrew
andrzej jedrek andrew
anna anya ania asia anka nyura
barbara basia
bogdan bohdan
boguslaw bogdan
boris borya
czeslaw czesiek
daria dasha
dariusz darek
dmitri dima mitya
dmitry dima mitya
dimitri dima mitya
ekaterina katya kate
elena lena lenochka
elzbieta ela bietka elizabeth
evgeniya zhenya
evgeny zhenya gene
ewa ewka
fyodor fedya
galina galya
gennady gena
grigory grisha
grzegorz grzesiek gregory
halina hala
henryk heniek henry
igor garik
irina ira
ivan vanya john
jacek jacenty
jadwiga jadzia
jakub kuba jacob
jan janek jas john
janina janka
jaroslav jarda slava
jerzy jurek george
jiri jirka george
joanna asia joasia
jozef jozek joe joseph
josef pepa pepik
karel karlik
katarzyna kasia kaska
kazimierz kazik
konstantin kostya
krzysztof krzysiek chris
krystyna krysia
ksenia ksyusha
larisa lara
lev lyova leo
lidia lida
ludmila lyuda mila
lyubov lyuba
lyudmila lyuda lucy mila
maciej maciek
malgorzata gosia malgosia margaret
marek mark
margarita rita
maria masha marysia marusya maryla
mariya masha
michal misiek michael
mieczyslaw mietek
mikhail misha mike michael
milan milanko
miloslav milos
miroslav mirek slava
nadezhda nadya
natalia natasha natalka
natalya natasha
nikita nik
nikolai kolya nick
nikolay kolya nick
oksana ksana
oleksandr sasha oles
olga olya ola
pavel pasha pavlik paul
pawel pawelek paul
petr petya peter
piotr piotrek peter
polina polya
roman roma
sergei seryozha serge
sergey seryozha serge
slawomir slawek
sofiya sonya
stanislav stas slava
stanislaw staszek stan
stefania stefa
svetlana sveta lana
tadeusz tadek
tamara toma
tatyana tanya
teresa tereska
tomasz tomek thomas tom
tomas tomasek
vadim vadik
valentina valya
valeriy valera
valery valera
vasily vasya
vasili vasya
vera verochka
veronika nika
viktor vitya
viktoria vika
vitaly vitalik
vladislav vlad slava
vladimir volodya vova
vyacheslav slava
waclaw wacek
wieslaw wiesiek
wladyslaw wladek
wojciech wojtek
yekaterina katya
yelena lena
yevgeny zhenya
yulia yulya
yuri yura
zbigniew zbyszek
zofia zosia
zuzanna zuzia
alexandros alekos alex
athanasios thanasis sakis tom
christos chris
dimitrios dimitris jimmy mitsos
dimitra mimi
efstathios stathis
eleni lena helen
evangelos vangelis
georgios giorgos yorgos george
ioannis giannis yannis john
konstantinos kostas dinos gus
konstantina dina
maria maro
nikolaos nikos nick
panagiotis panos takis peter
paraskevi voula vivi
spyridon spyros
stylianos stelios
theodoros thodoris teddy
vasiliki vaso vicky
vasilios vasilis bill
avraham avi abe
binyamin benny
chaim hyman
david dudi
eliyahu eli
elisheva sheva
menachem mendel
mordechai motti
moshe moishe moses
rivka rebecca
shlomo shloime solomon
shmuel shmulik sam
shoshana shosh
yaakov yanki kobi jacob
yehuda yudi
yehoshua shuki
yitzchak itzik isaac
yitzhak itzik isaac
yosef yossi joseph
abdullah abdul abdallah
abdulrahman abdul
ahmed ahmad ahmet
fatima fatma fatimah
hussein husain hossein hussain
ibrahim ebrahim
khadija khadijah
mahmoud mahmud
mustafa mostafa
omar umar omer
osama usama
said saeed sayed
yusuf yousef youssef yousuf
zainab zaynab zeynep
`;

/** Formal name to its forms; a name that has several rows gets the forms of all. */
export function readNicknames(): ReadonlyMap<string, readonly string[]> {
  const table = new Map<string, readonly string[]>();
  for (const row of listRows()) {
    const [formal = "", ...forms] = row.split(" ");
    const known = table.get(formal) ?? [];
    table.set(formal, [...known, ...forms.filter((form) => form !== formal && !known.includes(form))]);
  }
  return table;
}

/**
 * The short forms of one given name, and those that it is a short form of; as foldText gives them. Looks through the
 * rows: for a few names that is done before the table would have been read.
 */
export function listNicknames(name: string): readonly string[] {
  const found = new Set<string>();
  for (const row of listRows()) {
    if (!row.includes(name)) continue;
    const [formal = "", ...forms] = row.split(" ");
    if (formal === name) for (const form of forms) found.add(form);
    else if (forms.includes(name)) found.add(formal);
  }
  found.delete(name);
  return [...found];
}

const listRows = (): readonly string[] => rows.trim().split("\n");
