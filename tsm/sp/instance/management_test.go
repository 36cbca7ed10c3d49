package instance_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/spec/req"
	"inkan/tsm/remote"
	"inkan/tsm/sp/instance"
)

// registry stands for a card's content, and the carrier's part in it: a token is the
// command's hash, a receipt too.
type registry struct {
	t         testing.TB
	delegated bool
	file, app bool
	loading   int // LOAD commands of the load that is open; -1: none is
	executed  []byte
	mute      bool   // no receipts
	bad       []byte // what confirms all but the first operation; nil: what has to
	keeps     bool   // no deletion is carried out
	loaded    []byte
	verified  int
	owed      int // receipts that were given out and not brought to the carrier
	asked     int // GenerateDMToken and VerifyDMReceipt
	runs      int
}

func hashOf(unsigned []byte) []byte {
	h := sha256.Sum256(unsigned)
	return h[:]
}

// run executes commands; the answers from the one on are lost, and the power is
// (before: without that one executed).
func (r *registry) run(commands []remote.Command, lost int, before bool) (o instance.Outcome) {
	if r.owed > 0 {
		r.t.Errorf("%d commands while the carrier lacks %d receipts", len(commands), r.owed)
	}
	defer func() {
		for _, b := range o.Responses {
			if response, _ := apdu.DecodeResponse(b); len(response.Data) > 16 {
				r.owed++
			}
		}
	}()
	for i, k := range commands {
		if i == lost && before {
			r.loading, o.Unknown = -1, true
			return o
		}
		c, err := apdu.DecodeCommand(k.APDU)
		if err != nil {
			r.t.Fatal(err)
		}
		data, sw := r.execute(&c)
		if i == lost {
			r.loading, o.Unknown = -1, true
			return o
		}
		o.Responses = append(o.Responses, apdu.Response{Data: data, SW: sw}.Append(nil))
		if sw != iso7816.OK && !slices.Contains(k.Accept, sw) {
			return o
		}
	}
	return o
}

func (r *registry) execute(c *apdu.Command) ([]byte, iso7816.SW) {
	switch c.INS {
	case gp.InsGetStatus:
		q, err := gp.DecodeGetStatus(c)
		if err != nil {
			r.t.Fatal(err)
		}
		if aid, _ := gp.NewAID(q.AID); q.Subset == gp.SubsetLoadFiles && aid == jpki.AIDPackage && r.file || q.Subset == gp.SubsetApplications && aid == jpki.AIDInstance && r.app {
			return []byte{0xE3, 0}, iso7816.OK
		}
		return nil, iso7816.ReferencedDataNotFound
	case gp.InsLoad:
		if r.loading < 0 {
			return nil, iso7816.ConditionsNotSatisfied
		}
		r.loading++
		r.loaded = append(r.loaded, c.Data...)
		if c.P1&0x80 == 0 {
			return []byte{0}, iso7816.OK
		}
		r.file, r.loading = true, -1
		return r.confirm(gp.LoadReceipt(jpki.AIDPackage, jpki.AIDProviderDomain)), iso7816.OK
	}
	body, token, err := gp.SplitToken(c)
	if err != nil {
		r.t.Fatal(err)
	}
	unsigned := *c
	unsigned.Data = body
	raw, _ := unsigned.Append(nil)
	if r.delegated != bytes.Equal(token, hashOf(raw)) || !r.delegated && len(token) > 0 {
		return nil, iso7816.ConditionsNotSatisfied
	}
	return r.manage(c)
}

func (r *registry) manage(c *apdu.Command) ([]byte, iso7816.SW) {
	r.executed = append(r.executed, c.P1)
	if c.Ne != apdu.MaxShortNe {
		r.t.Errorf("INS %02X expects %d bytes of response: a receipt may come", c.INS, c.Ne)
	}
	switch {
	case c.INS == gp.InsDelete && r.keeps:
		return nil, iso7816.ConditionsNotSatisfied
	case c.INS == gp.InsDelete:
		d, _ := gp.DecodeDelete(c)
		if r.executed[len(r.executed)-1] = 0xE4; d.AID == jpki.AIDPackage && !r.file || d.AID == jpki.AIDInstance && !r.app {
			return nil, iso7816.ReferencedDataNotFound
		}
		r.app, r.file = false, r.file && d.AID == jpki.AIDInstance
		return r.confirm(gp.DeleteReceipt(d.AID)), iso7816.OK
	case gp.InstallPurpose(c.P1) == gp.ForLoad:
		if r.file {
			return nil, iso7816.ConditionsNotSatisfied
		}
		r.loading, r.loaded = 0, nil
		return []byte{0}, iso7816.OK
	case r.app || !r.file:
		return nil, iso7816.ConditionsNotSatisfied
	}
	r.app = true
	return r.confirm(gp.InstallReceipt(jpki.AIDPackage, jpki.AIDInstance)), iso7816.OK
}

// confirm makes a confirmation; the double's receipts are not signed.
func (r *registry) confirm(gp.ReceiptContext) []byte {
	if !r.delegated || r.mute {
		return []byte{0}
	}
	if r.bad != nil && len(r.executed) > 1 { // of all but the first operation
		return r.bad
	}
	c := gp.Confirmation{Receipt: bytes.Repeat([]byte{0xEE}, 16), Counter: []byte{0, byte(len(r.executed))}, SecurityDomainData: []byte{1, 2, 3}}
	b, err := c.Append(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// play goes on with a program to its end. lost has, by batches, the command whose answer
// is lost.
func (r *registry) play(p instance.Program, res instance.Resources, before bool, lost ...int) (*instance.Management, error) {
	r.t.Helper()
	for range 40 {
		p = kept(r.t, p, res)
		n, err := p.Need()
		if err != nil {
			return nil, err
		}
		switch n.Kind {
		case instance.NeedNothing:
			return p.(*instance.Management), nil
		case instance.NeedCommands:
			at := -1
			r.runs++
			if len(lost) > 0 {
				at, lost = lost[0], lost[1:]
			}
			err = p.Take(ctx, r.run(n.Commands, at, before))
		default:
			if _, err := tsmp.EncodeBody(n.Request); err != nil {
				r.t.Fatal(err)
			}
			r.asked++
			switch q := n.Request.(type) {
			case *tsmp.GenerateDMTokenRequest:
				a := new(tsmp.GenerateDMTokenAnswer)
				for _, c := range q.Commands {
					a.Tokens = append(a.Tokens, hashOf(c))
				}
				err = p.Answer(ctx, a)
			case *tsmp.VerifyDMReceiptRequest:
				r.verified += len(q.Receipts)
				r.owed -= len(q.Receipts)
				err = p.Answer(ctx, &tsmp.RecordedAnswer{RecordedAt: noon})
			}
		}
		if err != nil {
			return nil, err
		}
	}
	r.t.Fatalf("still at %s", p.Stage())
	return nil, nil
}

// software is a load file of so many bytes, and what is to be done with it.
func software(t testing.TB, model tsmp.Model, size int) (instance.Content, instance.Resources) {
	t.Helper()
	content := bytes.Repeat([]byte{0xCA}, size)
	file := gp.LoadFile{Content: content, DAPs: []gp.DAPBlock{{SecurityDomain: jpki.AIDProviderDomain, Signature: make([]byte, 64)}}}
	raw, err := file.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return instance.Content{Reference: tsmp.ServiceReference{1}, Model: model, Domain: jpki.AIDProviderDomain, Package: jpki.AIDPackage, Module: jpki.AIDModule,
		Instance: jpki.AIDInstance, Parameters: []byte{0x81, 0x01, 0x02}, Hash: sha256.Sum256(content), BlockBytes: 200}, instance.Resources{LoadFile: raw}
}

// TestManagement deploys and removes, in both models, with any answer lost.
func TestManagement(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-070", "SPEC-INSTANCE-072", "SPEC-INSTANCE-073", "SPEC-INSTANCE-074", "SPEC-INSTANCE-075")
	for _, model := range []tsmp.Model{tsmp.ModelDelegated, tsmp.ModelAuthorised} {
		for _, before := range []bool{false, true} {
			for _, lost := range [][]int{nil, {0}, {1}, {3}, {5}, {-1, 0}, {4, -1, -1, 5}, {5, -1, 0}, {3, 0, 2, -1, -1, 0, 0}} {
				c, res := software(t, model, 700) // INSTALL and four LOADs
				r := &registry{t: t, delegated: model == tsmp.ModelDelegated, loading: -1}
				p, err := instance.NewDeployment(c, res)
				if err != nil {
					t.Fatal(err)
				}
				done, err := r.play(p, res, before, lost...)
				if err != nil || !r.file || !r.app || !bytes.Equal(r.loaded, res.LoadFile) {
					t.Errorf("%v, lost %v: %v; load file %v, application %v", model, lost, err, r.file, r.app)
					continue
				}
				if receipts := r.verified + done.ReceiptsLost(); r.delegated && receipts != 2 || !r.delegated && receipts != 0 {
					t.Errorf("%v, lost %v: %d receipts verified, %d lost", model, lost, r.verified, done.ReceiptsLost())
				}
				if len(lost) == 0 && !bytes.Equal(r.executed, []byte{byte(gp.ForLoad), byte(gp.ForInstallAndMakeSelectable)}) {
					t.Errorf("executed %X", r.executed)
				}
				if calls := map[bool]int{true: 2}[r.delegated]; len(lost) == 0 && (r.runs != 1 || r.asked != calls) {
					t.Errorf("%v: %d runs, %d calls", model, r.runs, r.asked)
				}
				remove(t, r, c, before)
			}
		}
	}
}

// TestTokensOfAll: an answer with tokens for not all commands, or for more, changes nothing.
func TestTokensOfAll(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-075", "SPEC-INSTANCE-070")
	c, res := software(t, tsmp.ModelDelegated, 300)
	p, err := instance.NewDeployment(c, res)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 3, 2} {
		before := kept(t, p, res)
		err := p.Answer(ctx, &tsmp.GenerateDMTokenAnswer{Tokens: slices.Repeat([][]byte{{1}}, n)})
		if (err == nil) != (n == 2) {
			t.Errorf("%d tokens: %v", n, err)
		}
		if err != nil && p.Stage() != before.Stage() {
			t.Errorf("%d tokens: at %s, before at %s", n, p.Stage(), before.Stage())
		}
	}
	if err := p.Answer(ctx, &tsmp.RecordedAnswer{RecordedAt: noon}); !errors.Is(err, instance.ErrNotNeeded) {
		t.Errorf("receipts before the run: %v", err)
	}
}

// remove deletes the application, the load file, and both once more.
func remove(t *testing.T, r *registry, c instance.Content, before bool) {
	t.Helper()
	for _, make := range []func(instance.Content) (*instance.Management, error){instance.NewDeletion, instance.NewInstallation, instance.NewRemoval, instance.NewRemoval} {
		p, err := make(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.play(p, instance.Resources{}, before, 0); err != nil {
			t.Error(err)
		}
	}
	if r.file || r.app {
		t.Errorf("load file %v, application %v after the deletion", r.file, r.app)
	}
}

// TestDeletionRefused: a deletion that the card refuses is none, in both models.
func TestDeletionRefused(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-072", "SPEC-INSTANCE-073")
	for _, model := range []tsmp.Model{tsmp.ModelDelegated, tsmp.ModelAuthorised} {
		c, _ := software(t, model, 300)
		r := &registry{t: t, delegated: model == tsmp.ModelDelegated, loading: -1, file: true, app: true, keeps: true}
		p, err := instance.NewRemoval(c)
		if err != nil {
			t.Fatal(err)
		}
		var refused *instance.RefusedError
		if _, err := r.play(p, instance.Resources{}, false); !errors.As(err, &refused) || refused.SW != iso7816.ConditionsNotSatisfied {
			t.Errorf("%v: %v", model, err)
		}
	}
}

// TestManagementRefuses has what does not end well.
func TestManagementRefuses(t *testing.T) {
	req.Covers(t, "SPEC-INSTANCE-071", "SPEC-INSTANCE-072", "SPEC-INSTANCE-074")
	deploy := func(r *registry, spoil func(*instance.Content, *instance.Resources)) error {
		c, res := software(t, tsmp.ModelDelegated, 300)
		spoil(&c, &res)
		p, err := instance.NewDeployment(c, res)
		if err != nil {
			return err
		}
		_, err = r.play(p, res, false)
		return err
	}
	fine := func(*instance.Content, *instance.Resources) {}
	if err := deploy(&registry{t: t, delegated: true, loading: -1}, func(c *instance.Content, _ *instance.Resources) { c.Hash[0]++ }); !errors.Is(err, instance.ErrHash) {
		t.Errorf("another load file: %v", err)
	}
	var refused *instance.RefusedError
	if err := deploy(&registry{t: t, loading: -1}, fine); !errors.As(err, &refused) || refused.SW != iso7816.ConditionsNotSatisfied {
		t.Errorf("a card that takes no token: %v", err)
	}
	if err := deploy(&registry{t: t, delegated: true, mute: true, loading: -1}, fine); err == nil {
		t.Error("a card without receipts")
	}
	for _, bad := range [][]byte{{0}, {0xFF, 0xFF}, {2, 1, 1}} { // of the installation: the load's receipt is brought all the same
		r := &registry{t: t, delegated: true, loading: -1, bad: bad}
		if err := deploy(r, fine); err == nil || r.verified != 1 || r.runs != 1 {
			t.Errorf("an installation confirmed by %X: %v, %d receipts verified, %d runs", bad, err, r.verified, r.runs)
		}
	}
	for name, spoil := range map[string]func(*instance.Content, *instance.Resources){
		"simple": func(c *instance.Content, _ *instance.Resources) { c.Model = tsmp.ModelSimple },
		"no AID": func(c *instance.Content, _ *instance.Resources) { c.Module = gp.AID{} },
		"blocks": func(c *instance.Content, _ *instance.Resources) { c.BlockBytes = 20 },
	} {
		if err := deploy(&registry{t: t, delegated: true, loading: -1}, spoil); err == nil {
			t.Errorf("%s: deployed", name)
		}
	}
}
