package tsmp

import (
	"time"

	"inkan/core/jpki/certificate"
)

var sampleAttributes = Attributes{Name: "印鑑\u3000花子", NameSubstitutes: "01000", Address: "東京都清瀬市中里五丁目８４２番地", AddressSubstitutes: "",
	Sex: certificate.Female, Municipality: certificate.Municipality{Code: "132217", Prefecture: "Tokyo-to", City: "Kiyose-shi"}}

var sampleBirth = certificate.Date{Year: 1992, Month: time.February, Day: 29}

var sampleCard = CardAnswer{Card: id(8), State: CardHeld, Since: noon, NotAfter: noon.AddDate(10, 0, 0), Certificates: []CardCertificate{
	{Kind: certificate.CardSignature, State: certificate.Suspended, Since: noon, Reason: certificate.CertificateHold, NotAfter: noon.AddDate(5, 0, 0)},
	{Kind: certificate.CardAuthentication, State: certificate.Active, Since: noon, NotAfter: noon.AddDate(5, 0, 0)}}}

var municipalSamples = map[Function][2]Body{
	RegisterPerson: {&RegisterPersonRequest{Birth: sampleBirth, Attributes: sampleAttributes, Case: "転入 8-112"}, &RegisterPersonAnswer{Person: id(7), RecordedAt: noon}},
	ChangePerson: {&ChangePersonRequest{Person: id(7), Attributes: Attributes{Name: "A", Address: "B", Sex: certificate.SexUnknown,
		AddressSubstitutes: "1", Municipality: sampleAttributes.Municipality, Ward: true}, Case: "転居 9"}, &RecordedAnswer{RecordedAt: noon}},
	ReportDeparture: {&ReportDepartureRequest{Person: id(7), Departure: DepartureEmigration, Case: "出国 1"}, &RecordedAnswer{RecordedAt: noon}},
	IssueCard:       {&IssueCardRequest{Person: id(7), NotAfter: noon.AddDate(10, 0, 0), Case: "交付 1"}, &IssueCardAnswer{Card: id(8), Replaced: id(9)}},
	IssueCardCertificates: {&IssueCardCertificatesRequest{Card: id(8), SignatureRequest: fill(600, 0x30), AuthenticationRequest: fill(601, 0x30), Case: "交付 1"},
		&IssueCardCertificatesAnswer{Signature: IssueCardCertificateAnswer{Certificate: fill(1500, 0x30), CACertificate: fill(1000, 0x30)},
			Authentication: IssueCardCertificateAnswer{Certificate: fill(1400, 0x30), CACertificate: fill(1001, 0x30)}}},
	IssueCardCertificate: {&IssueCardCertificateRequest{Card: id(8), Kind: certificate.CardSignature, Request: fill(600, 0x30), Case: "交付 1"},
		&IssueCardCertificateAnswer{Certificate: fill(1500, 0x30), CACertificate: fill(1000, 0x30)}},
	ReportCardLoss: {&ReportCardLossRequest{Card: id(8), Case: "紛失 4"}, &CardAnswer{Card: id(8), State: CardLost, Since: noon, NotAfter: noon}},
	HoldCard:       {&HoldCardRequest{Card: id(8), Cause: Cause{Ground: GroundAuthority, Case: "紛失 5"}}, &sampleCard},
	LiftCard:       {&LiftCardRequest{Card: id(8), Cause: Cause{Ground: GroundAuthority, Case: "発見 1"}}, &sampleCard},
	GetPerson: {&GetPersonRequest{Person: id(7), Case: "照会 2"}, &GetPersonAnswer{Birth: sampleBirth, Attributes: sampleAttributes,
		Standing: StandingResident, StandingSince: noon, Cards: []CardAnswer{sampleCard, sampleCard}, Phones: []Instance{{Phone: id(2), Certificates: []CertificateState{sampleState}}}}},
	FindServiceInstances: {&FindServiceInstancesRequest{Card: id(8), Case: "電話 0120-17"}, &FindServiceInstancesAnswer{Phones: []Instance{{Phone: id(2)}}}},
}
