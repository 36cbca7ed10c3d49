package registry

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"inkan/ca/registry/record"
)

// Actor is who asked for a decision.
type Actor string

// The actors.
const (
	Holder       Actor = "holder"
	Hotline      Actor = "hotline"
	Municipality Actor = "municipality"
	SPTSM        Actor = "SP-TSM"
	Operator     Actor = "operator" // of the certificate authority
	Clock        Actor = "clock"
)

// Evidence is something that a decision rests on.
type Evidence struct {
	Name  string // "application", "receipt", "request"
	Bytes []byte
}

// Cause says who asked and shows the evidence. Both go into the journal, and the
// evidence's bytes into the registry, whether the decision is yes or no.
type Cause struct {
	Actor    Actor
	Call     string // the call's identifier; may be empty
	Evidence []Evidence
	// Office is the code of the municipality that asks: it has to do with persons
	// who are registered with it. Empty: with all.
	Office string
}

// Limits of a cause, in bytes but for the number of exhibits.
const (
	MaxName     = 128
	MaxExhibits = 16
	MaxEvidence = 1 << 20
)

func (c *Cause) check() error {
	switch {
	case c.Actor == "" || len(c.Actor) > MaxName:
		return fmt.Errorf("registry: cause: actor of %d bytes, want 1 to %d", len(c.Actor), MaxName)
	case len(c.Office) > MaxName:
		return fmt.Errorf("registry: cause: office of %d bytes, want at most %d", len(c.Office), MaxName)
	case len(c.Call) > MaxName:
		return fmt.Errorf("registry: cause: call of %d bytes, want at most %d", len(c.Call), MaxName)
	case len(c.Evidence) > MaxExhibits:
		return fmt.Errorf("registry: cause: %d pieces of evidence, want at most %d", len(c.Evidence), MaxExhibits)
	}
	for _, e := range c.Evidence {
		if e.Name == "" || len(e.Name) > MaxName {
			return fmt.Errorf("registry: cause: evidence with a name of %d bytes, want 1 to %d", len(e.Name), MaxName)
		}
		if len(e.Bytes) > MaxEvidence {
			return fmt.Errorf("registry: cause: evidence %s of %d bytes, want at most %d", e.Name, len(e.Bytes), MaxEvidence)
		}
	}
	return nil
}

// with is the cause with more evidence.
func (c Cause) with(more []Evidence) Cause {
	c.Evidence = append(slices.Clip(c.Evidence), more...)
	return c
}

// keep stores the evidence under its hash, unless it is there, with the number of
// the entry, and names it in the entry. Spec: SPEC-CA-LIFECYCLE-051.
func (a *act) keep(evidence []Evidence) error {
	for _, e := range evidence {
		h := record.Hash(sha256.Sum256(e.Bytes))
		a.entry.Exhibits = append(a.entry.Exhibits, record.Exhibit{Name: e.Name, Hash: h})
		key := record.Evidence.Key(h[:])
		known, err := a.Has(key)
		if err == nil && !known {
			err = a.tx.Put(key, append(binary.BigEndian.AppendUint64(make([]byte, 0, numberLen+len(e.Bytes)), a.entry.Number), e.Bytes...))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
