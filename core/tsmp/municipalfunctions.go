package tsmp

// The functions by which a municipality keeps persons and cards, and those that
// the help desk has of them.
const (
	RegisterPerson        Function = "RegisterPerson"
	ChangePerson          Function = "ChangePerson"
	ReportDeparture       Function = "ReportDeparture"
	IssueCard             Function = "IssueCard"
	IssueCardCertificates Function = "IssueCardCertificates"
	IssueCardCertificate  Function = "IssueCardCertificate"
	ReportCardLoss        Function = "ReportCardLoss"
	HoldCard              Function = "HoldCard"
	LiftCard              Function = "LiftCard"
	GetPerson             Function = "GetPerson"
	FindServiceInstances  Function = "FindServiceInstances"
)

// desks may hold a card and look up service instances.
const desks = RoleHelpDesk | RoleMunicipality

// cardCertificateCodes are why a card is given no certificate.
var cardCertificateCodes = []Code{CodeUnknownCard, CodeNotResident, CodeCardNotInForce, CodeCardOnHold, CodePersonNotEligible, CodeCertificateRequest, CodeModulus, CodeTermOver}

var municipalDefinitions = []Definition{
	{RegisterPerson, RoleMunicipality, RoleCA, body[RegisterPersonRequest], body[RegisterPersonAnswer], nil},
	{ChangePerson, RoleMunicipality, RoleCA, body[ChangePersonRequest], body[RecordedAnswer],
		[]Code{CodeUnknownPerson, CodeNotResident}},
	{ReportDeparture, RoleMunicipality, RoleCA, body[ReportDepartureRequest], body[RecordedAnswer],
		[]Code{CodeUnknownPerson, CodeNotResident}},
	{IssueCard, RoleMunicipality, RoleCA, body[IssueCardRequest], body[IssueCardAnswer],
		[]Code{CodeUnknownPerson, CodeNotResident, CodeTermOver}},
	{IssueCardCertificates, RoleMunicipality, RoleCA, body[IssueCardCertificatesRequest], body[IssueCardCertificatesAnswer], cardCertificateCodes},
	{IssueCardCertificate, RoleMunicipality, RoleCA, body[IssueCardCertificateRequest], body[IssueCardCertificateAnswer], cardCertificateCodes},
	{ReportCardLoss, RoleMunicipality, RoleCA, body[ReportCardLossRequest], body[CardAnswer],
		[]Code{CodeUnknownCard, CodeCardNotInForce}},
	{HoldCard, desks, RoleCA, body[HoldCardRequest], body[CardAnswer],
		[]Code{CodeUnknownCard, CodeCardNotInForce}},
	{LiftCard, RoleMunicipality, RoleCA, body[LiftCardRequest], body[CardAnswer],
		[]Code{CodeUnknownCard, CodeCardNotInForce}},
	{GetPerson, RoleMunicipality, RoleCA, body[GetPersonRequest], body[GetPersonAnswer],
		[]Code{CodeUnknownPerson}},
	{FindServiceInstances, desks, RoleCA, body[FindServiceInstancesRequest], body[FindServiceInstancesAnswer],
		[]Code{CodeUnknownPerson, CodeUnknownCard}},
}
