package smsc

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Delivered is what became of a message at a phone.
type Delivered struct {
	Report  []byte   // SMS-DELIVER-REPORT; nil: none, the message comes again at the next Attach
	Error   bool     // the report goes in an RP-ERROR
	Submits [][]byte // SMS-SUBMITs that the card had sent
}

// Phone fetches the messages of one SIM from a centre. Not for concurrent use.
type Phone struct {
	Client *http.Client
	Base   string // "http://127.0.0.1:8480", or with a path that the centre is under
	ICCID  string
	IMEI   string // of the device; may be empty
}

// Attach says that the phone was switched on: messages without report come again.
func (p *Phone) Attach(ctx context.Context) error {
	return p.post(ctx, "attach", brought{ICCID: p.ICCID, IMEI: p.IMEI})
}

// Next fetches the next message and hands it over; false when none came for a while.
func (p *Phone) Next(ctx context.Context, deliver func(ctx context.Context, tpdu []byte) (Delivered, error)) (bool, error) {
	l, found, err := p.fetch(ctx)
	if err != nil || !found {
		return false, err
	}
	d, err := deliver(ctx, l.TPDU)
	if err != nil {
		return true, err
	}
	if d.Report != nil {
		if err := p.post(ctx, "report", brought{ICCID: p.ICCID, Message: l.Message, TPDU: d.Report, Error: d.Error}); err != nil {
			return true, err
		}
	}
	return true, p.Submit(ctx, d.Submits)
}

// Submit sends SMS-SUBMITs of the card.
func (p *Phone) Submit(ctx context.Context, tpdus [][]byte) error {
	for _, tpdu := range tpdus {
		if err := p.post(ctx, "submit", brought{ICCID: p.ICCID, TPDU: tpdu}); err != nil {
			return err
		}
	}
	return nil
}

func (p *Phone) fetch(ctx context.Context) (l letter, found bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url("next")+"?iccid="+url.QueryEscape(p.ICCID), nil)
	if err != nil {
		return l, false, err
	}
	response, err := p.Client.Do(r)
	if err != nil {
		return l, false, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusNoContent:
		return l, false, nil
	case http.StatusOK:
		err = json.NewDecoder(io.LimitReader(response.Body, maxBody)).Decode(&l)
		return l, err == nil, err
	}
	return l, false, refusal(response)
}

func (p *Phone) post(ctx context.Context, what string, b brought) error {
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url(what), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := p.Client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotFound && what == "attach":
		return fmt.Errorf("%w: %s", ErrUnknownSIM, b.ICCID)
	case response.StatusCode != http.StatusNoContent:
		return refusal(response)
	}
	return nil
}

func (p *Phone) url(what string) string { return strings.TrimSuffix(p.Base, "/") + "/sms/v1/" + what }

func refusal(r *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(r.Body, 200))
	return fmt.Errorf("smsc: %s: %s", r.Status, strings.TrimSpace(string(text)))
}
