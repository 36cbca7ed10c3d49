package personalise

import "inkan/core/jpki"

// Report is what happened. It has no PIN, code or private key.
type Report struct {
	Card    string   `json:"card"`
	ClockHz uint64   `json:"clockHz,omitempty"`
	Line    string   `json:"line,omitempty"` // protocol and rate; empty: there was none
	Channel string   `json:"channel"`
	Form    string   `json:"form"`
	Origin  string   `json:"keyOrigin"`
	Steps   []Step   `json:"steps"`
	Total   Figures  `json:"total"`
	Issued  []Issued `json:"issued"`
	Message []byte   `json:"message"`
	// Receipts of the card that are right; Lost ones went with an answer.
	Receipts     int `json:"receipts,omitempty"`
	ReceiptsLost int `json:"receiptsLost,omitempty"`
}

// Step is one thing that was done.
type Step struct {
	Name   string `json:"name"`
	Detail string `json:"detail,omitempty"`
	Figures
}

// Issued is what a role has got.
type Issued struct {
	Role          jpki.Role `json:"-"`
	Name          string    `json:"role"`
	Certificate   []byte    `json:"certificate"`   // DER, as the card gives it
	CACertificate []byte    `json:"caCertificate"` // DER, as the card gives it
	Signature     []byte    `json:"signature"`     // of the message: PKCS #1 v1.5 with SHA-256
}
