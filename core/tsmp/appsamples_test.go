package tsmp

import (
	"time"

	"inkan/core/jpki"
	"inkan/core/jpki/application"
	"inkan/core/jpki/perso"
)

var appSamples = map[Function][2]Body{
	StartApplication: {&StartApplicationRequest{Purpose: PurposeTransfer, SE: sampleSE, Phone: id(2), Usage: UsageHolder, DeviceProfile: "DCP-0123456789AB", Version: "1.0.3", Language: Japanese},
		&StartApplicationAnswer{Eligible: true, Nonce: Nonce(fill(16, 0x60)), Until: noon.Add(10 * time.Minute), Keys: []jpki.Role{jpki.Auth}, Origin: jpki.OriginOnCard, CodeSent: true, Ready: true}},
	SubmitApplication: {&SubmitApplicationRequest{Nonce: Nonce(fill(16, 0x60)), Application: fill(40, 0x30)}, &SubmitApplicationAnswer{Phone: id(2), UsableUntil: noon, Progress: &GetProgressAnswer{Stage: StagePrepare, Pause: 5, Relay: sampleRelay}}},
	GetProgress: {&GetProgressRequest{Nonce: Nonce(fill(16, 0x60))},
		&GetProgressAnswer{Stage: StageRefused, Done: 3, Total: 12, Pause: 2, Order: &OrderToSign{Hash: [32]byte{1}, Challenge: [16]byte{2}},
			Presence: &application.Presence{AID: fill(16, 0xA0), LoadFile: perso.Hash{4}, Authority: perso.Hash{3}, Attestation: fill(64, 1)}, Relay: sampleRelay,
			Reply: fill(64, 3), NotAfter: noon.AddDate(4, 0, 0), Refusal: CodeMemory}},
	CancelApplication: {&CancelApplicationRequest{Nonce: Nonce(fill(16, 0x60))}, &Acknowledgement{}},
	GetServiceInstance: {&GetServiceInstanceRequest{Phone: id(2)},
		&GetServiceInstanceAnswer{Certificates: []CertificateState{sampleState}, RenewableFrom: noon.AddDate(4, 9, 0)}},
	ReportEvent: {&ReportEventRequest{Phone: id(2), Event: PhoneLost}, &RecordedAnswer{RecordedAt: noon}},
	FetchScript: {&FetchScriptRequest{Ticket: sampleRelay.Ticket, Done: 1},
		&FetchScriptAnswer{State: RelayScript, Script: 2, AID: sampleAID, Commands: [][]byte{{0x84, 0xE2, 0, 0}, append([]byte{0x84, 0xE2, 0x80, 1, 4}, fill(4, 0)...)}}},
	ReturnResponses: {&ReturnResponsesRequest{Ticket: sampleRelay.Ticket, Script: 2, Responses: [][]byte{{0x90, 0}}, Interrupted: true},
		&ReturnResponsesAnswer{Script: 3, AID: []byte{0xA0, 0, 0, 1, 0x51}, Commands: [][]byte{{0x80, 0x50, 0, 0}}}},
}
