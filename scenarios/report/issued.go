package report

import (
	"encoding/pem"
	"time"
)

// Certificate is a certificate that the run issued or used.
type Certificate struct {
	Step      int       `json:"step"`
	Name      string    `json:"name"` // what it is in the story: "phone A, first"
	Kind      string    `json:"kind,omitempty"`
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"` // hex
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	Purpose   string    `json:"purpose,omitempty"`
	State     string    `json:"state,omitempty"` // in Step: "active"; a later step may have changed it
	SHA256    string    `json:"sha256"`
	DER       []byte    `json:"der"`
}

// PEM is the certificate as openssl reads it.
func (c *Certificate) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.DER}))
}

// AuditEntry is one entry of a party's audit trail.
type AuditEntry struct {
	Step        int        `json:"step"`
	Party       PartyID    `json:"party"` // whose trail
	Number      uint64     `json:"number"`
	At          time.Time  `json:"at"`
	Event       string     `json:"event"`
	Refused     string     `json:"refused,omitempty"`
	Actor       string     `json:"actor"`
	Responsible string     `json:"responsible"` // 責任分界
	Evidence    []Evidence `json:"evidence,omitempty"`
}

// Evidence names bytes that the trail keeps.
type Evidence struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}
