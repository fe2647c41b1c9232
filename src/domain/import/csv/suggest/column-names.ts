/** What a column may mean. */
export type ColumnMeaning =
  | "sourceId"
  | "source"
  | "receivedAt"
  | "family"
  | "given"
  | "middle"
  | "prefix"
  | "suffix"
  | "maiden"
  | "birthDate"
  | "birthYear"
  | "birthMonth"
  | "birthDay"
  | "gender"
  | "deceased"
  | "deceasedAt"
  | "maritalStatus"
  | "multipleBirth"
  | "birthOrder"
  | "motherName"
  | "motherIdentifier"
  | "mrn"
  | "ssn"
  | "nhs"
  | "nationalId"
  | "houseNumber"
  | "line1"
  | "line2"
  | "city"
  | "state"
  | "postalCode"
  | "country"
  | "phone"
  | "homePhone"
  | "workPhone"
  | "mobile"
  | "email"
  | "fax";

/**
 * Headings that are in use, in English, German, French and Spanish, without case, accents and whatever is no letter or
 * digit. Compared as a whole: half a heading means something else.
 */
const headings: Readonly<Record<ColumnMeaning, string>> = {
  sourceId:
    "id sourceid recordid recid rowid patientid patid patientkey patientnr patientno patientnumber patnr personid externalid localid uid uuid patid numeropatient idpaciente",
  source: "source sourcesystem system facility site datasource sendingfacility quelle",
  receivedAt:
    "receivedat received receiveddate registeredat registrationdate registrationdatetime admittedat",
  family:
    "family familyname lastname surname last lname namelast patientlastname nachname familienname zuname nom nomfamille apellido apellidos primerapellido",
  given:
    "given givenname firstname first fname forename forenames givennames namefirst patientfirstname vorname prenom prenoms nombre nombres",
  middle: "middle middlename middlenames middleinitial mi mname middlegivenname secondname vorname2",
  prefix: "prefix title nameprefix salutation titel anrede",
  suffix: "suffix namesuffix generation zusatz namenszusatz",
  maiden: "maiden maidenname birthname nameatbirth formername geburtsname nomnaissance nomdenaissance",
  birthDate:
    "birthdate dateofbirth dob dobdate birthday birth born patientdob datebirth geburtsdatum gebdat gebdatum datenaissance datedenaissance fechanacimiento fechadenacimiento",
  birthYear: "birthyear yearofbirth yob dobyear by geburtsjahr",
  birthMonth: "birthmonth monthofbirth mob dobmonth bm geburtsmonat",
  birthDay: "birthdayofmonth dayofbirth dobday bd geburtstag",
  gender: "gender sex administrativesex administrativegender patientsex geschlecht geschl sexe sexo genero",
  deceased: "deceased isdeceased dead died deceasedflag deathindicator deathflag verstorben",
  deceasedAt: "deceasedat deathdate dateofdeath dod deceaseddate sterbedatum datedeces",
  maritalStatus: "maritalstatus marital civilstatus familienstand",
  multipleBirth: "multiplebirth multiplebirthindicator ismultiplebirth mehrling twin",
  birthOrder: "birthorder multiplebirthorder",
  motherName: "mothername mothersname mothersmaidenname mothermaidenname",
  motherIdentifier: "motherid mothermrn motheridentifier mothersidentifier mothersid",
  mrn: "mrn medicalrecordnumber medrecno medicalrecordno hospitalnumber chartnumber unitnumber",
  ssn: "ssn socialsecuritynumber socialsecurityno socsec soc socialsecurity",
  nhs: "nhs nhsnumber nhsno",
  nationalId:
    "nationalid nationalidentifier healthcardnumber insuranceno insurancenumber kvnr versichertennummer nir dni curp phn",
  houseNumber: "housenumber streetnumber houseno streetno hausnr hausnummer",
  line1:
    "line1 address address1 addressline1 addrline1 addr1 addr street streetaddress streetname streetline1 strasse straße adresse rue direccion calle",
  line2: "line2 address2 addressline2 addrline2 addr2 streetline2 unit apartment apt adresszusatz",
  city: "city town suburb municipality locality ort stadt wohnort ville ciudad",
  state: "state province region stateprovince county bundesland",
  postalCode: "zip zipcode postcode postalcode postal plz codepostal codigopostal cp",
  country: "country countrycode land pays pais",
  phone: "phone phonenumber telephone telephonenumber tel telno contactnumber telefon telefonnummer telefono",
  homePhone: "homephone phonehome hometelephone telhome telefonprivat",
  workPhone: "workphone phonework businessphone worktelephone telwork telefondienst",
  mobile: "mobile mobilephone cell cellphone phonemobile mobilenumber cellnumber handy mobil portable movil",
  email: "email emailaddress mail courriel correo",
  fax: "fax faxnumber telefax",
};

const meanings = new Map(
  Object.entries(headings).flatMap(([meaning, names]) =>
    names.split(" ").map((name) => [name, meaning as ColumnMeaning] as const),
  ),
);

const plain = (heading: string) =>
  heading
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/** What a heading says; undefined where it says nothing that is known. */
export const findMeaning = (heading: string): ColumnMeaning | undefined => {
  const name = plain(heading);
  return meanings.get(name) ?? meanings.get(name.replace(/^(?:patients?|person|pt|pat)/, ""));
};
