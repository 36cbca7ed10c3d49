package instance_test

import (
	"bytes"
	"errors"
	"testing"

	"inkan/core/jpki"
	"inkan/core/jpki/perso"
	"inkan/core/tsmp"
	"inkan/core/wire"
	"inkan/spec/req"
	"inkan/tsm/sp/instance"
)

// states are encodings of programs at each of their stages.
func states(t testing.TB) (list [][]byte) {
	t.Helper()
	note := func(p instance.Program) {
		b, err := instance.Append(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b)
	}
	c := &authority{order: order(jpki.PurposeIssue, jpki.OriginOnCard, jpki.Both, 3), size: 160}
	a := newApplet(true, c.envelopes())
	issue, err := instance.NewIssue(target(200, true), placed(t, &c.order))
	if err != nil {
		t.Fatal(err)
	}
	for note(issue); issue.Stage() != "done"; note(issue) {
		n, err := issue.Need()
		if err != nil {
			t.Fatal(err)
		}
		if n.Kind == instance.NeedCommands {
			err = issue.Take(ctx, a.run(n.Commands, nil))
		} else {
			err = issue.Answer(ctx, c.answer(t, &n))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	reset := order(jpki.PurposePINReset, jpki.OriginNone, jpki.Auth, 4)
	content, res := software(t, tsmp.ModelDelegated, 300)
	scene := newScene(t, packetSet, channelSet)
	for _, make := range []func() (instance.Program, error){
		func() (instance.Program, error) { return instance.NewPINReset(target(96, false), placed(t, &reset)) },
		func() (instance.Program, error) { return instance.NewSuspend(target(96, false), c.order.ID, nil) },
		func() (instance.Program, error) {
			return instance.NewErase(target(255, true), c.order.ID, issue.Order(), tsmp.PhoneID{1})
		},
		func() (instance.Program, error) { return instance.NewAudit(target(255, true)) },
		func() (instance.Program, error) { return instance.NewDeployment(content, res) },
		func() (instance.Program, error) { return instance.NewRemoval(content) },
		func() (instance.Program, error) { return instance.NewTakeOver(scene.handover, scene.resources) },
		func() (instance.Program, error) { return scene.play() },
	} {
		p, err := make()
		if err != nil {
			t.Fatal(err)
		}
		note(p)
	}
	return list
}

// TestCutStates has each encoding cut at each byte, lengthened, and of another kind.
func TestCutStates(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-004", "SPEC-INSTANCE-005")
	for i, b := range states(t) {
		if _, err := instance.Parse(b, instance.Resources{}); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		var d *wire.DecodeError
		for n := range b {
			if _, err := instance.Parse(b[:n], instance.Resources{}); !errors.As(err, &d) {
				t.Errorf("%d, %d bytes of %d: %v", i, n, len(b), err)
			}
		}
		if _, err := instance.Parse(append(b[:len(b):len(b)], 0), instance.Resources{}); !errors.As(err, &d) {
			t.Errorf("%d, one byte more: %v", i, err)
		}
		for kind := range byte(5) {
			if _, err := instance.Parse(append([]byte{kind}, b[1:]...), instance.Resources{}); kind != b[0] && !errors.As(err, &d) {
				t.Errorf("%d as kind %d: %v", i, kind, err)
			}
		}
	}
}

// TestLargestContent has the card take the most that an authority may send, in the
// smallest blocks: all of it is one batch, and the encoding stays within its limit.
func TestLargestContent(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-030")
	c := &authority{order: order(jpki.PurposeIssue, jpki.OriginDelivered, jpki.Both, 3), size: perso.MaxCiphertextLen, two: true}
	a := newApplet(true, c.envelopes())
	p, err := instance.NewIssue(target(instance.MinBlockBytes, true), placed(t, &c.order))
	if err != nil {
		t.Fatal(err)
	}
	largest := 0
	for p.Stage() != "done" {
		n, err := p.Need()
		if err != nil {
			t.Fatal(err)
		}
		if n.Kind == instance.NeedCommands {
			err = p.Take(ctx, a.run(n.Commands, nil))
		} else {
			body := c.answer(t, &n)
			if issued, ok := body.(*tsmp.IssueAnswer); ok {
				for i := range issued.CACertificates {
					issued.CACertificates[i].Certificate = make([]byte, tsmp.MaxCertificate)
				}
			}
			err = p.Answer(ctx, body)
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := instance.Append(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, len(b))
	}
	if len(a.batches) != 2 || a.batches[1] > 257 || largest > 30_000 {
		t.Errorf("batches of %v commands, %d bytes of encoding", a.batches, largest)
	}
	t.Logf("batches of %v commands, %d bytes of encoding", a.batches, largest)
}

// FuzzParse: what is parsed is written alike, needs something without a fault of its
// own, and takes whatever a card says without breaking.
func FuzzParse(f *testing.F) {
	for _, b := range states(f) {
		f.Add(b, []byte{0x02, 0x90, 0x00, 0x04, 0x00, 0x01, 0x90, 0x00})
	}
	s := newScene(f, packetSet)
	_, res := software(f, tsmp.ModelDelegated, 300)
	s.resources.LoadFile = res.LoadFile
	f.Fuzz(func(t *testing.T, b, said []byte) {
		p, err := instance.Parse(b, s.resources)
		if err != nil {
			var d *wire.DecodeError
			if !errors.As(err, &d) {
				t.Fatalf("%v is no DecodeError", err)
			}
			return
		}
		again, err := instance.Append(nil, p)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%X, %v", again, err)
		}
		if _, err := p.Need(); err != nil && !errors.Is(err, instance.ErrHash) {
			t.Logf("%s: %v", p.Stage(), err)
		}
		o := instance.Outcome{Unknown: len(said)%2 == 1}
		for len(said) > 0 && len(said) > int(said[0]) {
			n := int(said[0])
			o.Responses = append(o.Responses, said[1:1+n])
			said = said[1+n:]
		}
		if p.Take(ctx, o) != nil {
			if after, err := instance.Append(nil, p); err != nil || !bytes.Equal(after, b) {
				t.Fatalf("after a refused outcome: %X, %v", after, err)
			}
			return
		}
		after, err := instance.Append(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := instance.Parse(after, s.resources); err != nil {
			t.Fatalf("%s, after %d responses: %v", p.Stage(), len(o.Responses), err)
		}
	})
}
