package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// longest is how many characters of a value are kept.
const longest = 96

// hiddenMembers are members of message bodies that are never kept. An error code is
// none of them: it stands outside the body. Spec: SPEC-REPORT-010.
var hiddenMembers = map[string]bool{
	"code": true, "holderCode": true, "ticket": true, "pin": true, "password": true,
	"name": true, "nameSubstitutes": true, "address": true, "addressSubstitutes": true, "birth": true, "attributes": true,
}

// redacted is a body without what is secret or personal, with long values cut, members
// in their order; nil when it is no JSON.
func (r *Recorder) redacted(body []byte) json.RawMessage {
	if len(body) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var out bytes.Buffer
	if r.value(d, &out) != nil {
		return nil
	}
	return out.Bytes()
}

// value copies one JSON value.
func (r *Recorder) value(d *json.Decoder, out *bytes.Buffer) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return r.scalar(out, t)
	}
	out.WriteRune(rune(open))
	for n := 0; d.More(); n++ {
		if n > 0 {
			out.WriteByte(',')
		}
		if open == '{' {
			hidden, err := r.member(d, out)
			if err != nil {
				return err
			}
			if hidden {
				continue
			}
		}
		if err := r.value(d, out); err != nil {
			return err
		}
	}
	end, err := d.Token()
	if err == nil {
		out.WriteRune(rune(end.(json.Delim)))
	}
	return err
}

// member copies a member's name, and its value too where it is hidden.
func (r *Recorder) member(d *json.Decoder, out *bytes.Buffer) (hidden bool, err error) {
	t, err := d.Token()
	if err != nil {
		return false, err
	}
	name, _ := t.(string)
	if err := r.scalar(out, name); err != nil {
		return false, err
	}
	out.WriteByte(':')
	if !hiddenMembers[name] {
		return false, nil
	}
	var skipped json.RawMessage
	if err := d.Decode(&skipped); err != nil {
		return false, err
	}
	return true, r.scalar(out, covered)
}

// scalar writes a value that is no array or object.
func (r *Recorder) scalar(out *bytes.Buffer, v any) error {
	if s, ok := v.(string); ok {
		v = r.shortened(s)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	out.Write(bytes.TrimRight(b.Bytes(), "\n"))
	return nil
}

// shortened is a value of a message, without secrets of 8 bytes and more: shorter ones
// occur by chance in identifiers.
func (r *Recorder) shortened(s string) string {
	for _, secret := range r.secrets {
		if len(secret) >= 8 {
			s = strings.ReplaceAll(s, secret, covered)
		}
	}
	s = printable(s)
	if runes := []rune(s); len(runes) > longest {
		s = fmt.Sprintf("%s… (%d characters)", string(runes[:longest-32]), len(runes))
	}
	return s
}
