package smsc

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"time"
)

// What is wrong with a SIM: too many messages wait for it, or the network has none such,
// so that to try again is of no use.
var (
	ErrFull       = errors.New("smsc: too many messages wait for the SIM")
	ErrUnknownSIM = errors.New("smsc: no SIM of this network has that ICCID")
)

// Limits of what a phone sends.
const (
	maxBody = 4096
	maxTPDU = 176 // bytes (3GPP TS 24.011 §8.2.5.8: 232 with its header)
)

// wait is how long a phone that fetches is made to wait for a message.
const wait = 20 * time.Second

// letter is a message on its way to a phone.
type letter struct {
	Message uint64 `json:"message"`
	TPDU    []byte `json:"tpdu"`
}

// brought is what a phone brings.
type brought struct {
	ICCID   string `json:"iccid"`
	Message uint64 `json:"message,omitempty"`
	TPDU    []byte `json:"tpdu"`
	Error   bool   `json:"error,omitempty"`
	IMEI    string `json:"imei,omitempty"`
}

var (
	iccidForm = regexp.MustCompile(`^[0-9]{18,20}$`)
	imeiForm  = regexp.MustCompile(`^[0-9]{15}$`)
)

// Handler serves phones: POST /sms/v1/attach, GET /sms/v1/next, POST /sms/v1/report
// and POST /sms/v1/submit.
func (c *Centre) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sms/v1/attach", c.attach)
	mux.HandleFunc("GET /sms/v1/next", c.fetch)
	mux.HandleFunc("POST /sms/v1/report", c.report)
	mux.HandleFunc("POST /sms/v1/submit", c.submit)
	return mux
}

func (c *Centre) attach(w http.ResponseWriter, r *http.Request) {
	b, ok := read(w, r, false)
	switch {
	case !ok:
		return
	case b.IMEI != "" && !imeiForm.MatchString(b.IMEI):
		http.Error(w, "want imei: 15 digits", http.StatusBadRequest)
		return
	case c.Attached != nil:
		err := c.Attached(r.Context(), b.ICCID, b.IMEI)
		if errors.Is(err, ErrUnknownSIM) {
			http.Error(w, "no SIM of this network has that ICCID", http.StatusNotFound)
			return
		}
		if err != nil {
			http.Error(w, "the service manager did not take it", http.StatusServiceUnavailable)
			return
		}
	}
	c.again(b.ICCID)
	w.WriteHeader(http.StatusNoContent)
}

// fetch answers with the next message, or 204 when none came for a while.
func (c *Centre) fetch(w http.ResponseWriter, r *http.Request) {
	iccid := r.URL.Query().Get("iccid")
	if !iccidForm.MatchString(iccid) {
		http.Error(w, "want iccid: 18 to 20 digits", http.StatusBadRequest)
		return
	}
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		m, found, changed := c.next(iccid)
		if found {
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(letter{m.id, m.tpdu})
			return
		}
		select {
		case <-changed:
		case <-timeout.C:
			w.WriteHeader(http.StatusNoContent)
			return
		case <-r.Context().Done():
			return
		}
	}
}

// report takes a report of a message; one that is not awaited, or was reported
// before, is acknowledged and left.
func (c *Centre) report(w http.ResponseWriter, r *http.Request) {
	b, ok := read(w, r, true)
	switch {
	case !ok:
	case b.Message == 0:
		http.Error(w, "want message: the number of the message", http.StatusBadRequest)
	case !c.has(b.ICCID, b.Message):
		w.WriteHeader(http.StatusNoContent)
	case c.pass(w, r, Inbound{b.ICCID, b.Message, b.TPDU, b.Error}):
		c.end(b.ICCID, b.Message)
	}
}

func (c *Centre) submit(w http.ResponseWriter, r *http.Request) {
	if b, ok := read(w, r, true); ok {
		c.pass(w, r, Inbound{From: b.ICCID, TPDU: b.TPDU})
	}
}

// pass tells the sender, and reports whether it took it.
func (c *Centre) pass(w http.ResponseWriter, r *http.Request, in Inbound) bool {
	if err := c.deliver(r.Context(), in); err != nil {
		http.Error(w, "the service manager did not take it", http.StatusServiceUnavailable)
		return false
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// read reads what a phone brings; ok is false when it was refused.
func read(w http.ResponseWriter, r *http.Request, tpdu bool) (b brought, ok bool) {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(&b)
	switch {
	case err != nil:
		http.Error(w, "want JSON: iccid, imei, message, tpdu, error", http.StatusBadRequest)
	case !iccidForm.MatchString(b.ICCID):
		http.Error(w, "want iccid: 18 to 20 digits", http.StatusBadRequest)
	case tpdu && (len(b.TPDU) == 0 || len(b.TPDU) > maxTPDU):
		http.Error(w, "want tpdu: 1 to 176 bytes in base64", http.StatusBadRequest)
	default:
		return b, true
	}
	return b, false
}
