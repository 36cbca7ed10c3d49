package tsmp

import (
	"bytes"
	"context"
	"reflect"
	"testing"
	"time"

	"inkan/spec/req"
)

// sampling serves every function with its sample.
func sampling(t testing.TB) Service {
	s := Service{}
	for _, d := range Definitions() {
		s[d.Function] = func(_ context.Context, c *Call, _ Body) (Body, error) {
			return samplesOf(t, c.Function)[1], nil
		}
	}
	return s
}

// identityOf is a party of a role.
func (p *parties) identityOf(t testing.TB, role Role) Identity {
	t.Helper()
	if role == RoleUIApp {
		return testApp(t, 0x50)
	}
	for _, kid := range []string{"ca-1", "sp-1", "desk-1", "city-1", "mno-1"} {
		key := p.keys[kid]
		switch {
		case key.Role&role == 0:
		case key.Role == RoleCA:
			return p.ca
		default:
			return Identity{Party: key.Party, KeyID: kid, Signer: p.sp.Signer}
		}
	}
	t.Fatalf("nobody is %v", role.names())
	return Identity{}
}

// testApp is a UI app with a fixed key.
func testApp(t testing.TB, scalar byte) Identity {
	t.Helper()
	app, err := AppIdentity(ecdsaKey(fill(32, scalar)))
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// callerTo is a caller of one role before a handler of another that serves.
func callerTo(t testing.TB, from, to Role, s Service) *Caller {
	p := testParties()
	h := &Handler{Identity: p.identityOf(t, to), Keys: AppKeys{p.keys}, Journal: &MemoryJournal{}, Service: s, Now: func() time.Time { return noon }}
	return &Caller{Identity: p.identityOf(t, from), Peer: h.Identity.Party, Keys: p.keys, Exchange: h.Handle}
}

// TestInterfaces calls each method of each typed interface through a remote, a
// service made of another remote, and the bytes between: what comes out is the
// sample, and no function of the part is forgotten.
func TestInterfaces(t *testing.T) {
	req.Covers(t, "SPEC-TSM-PROTOCOL-005", "SPEC-TSM-PROTOCOL-020", "SPEC-TSM-PROTOCOL-030")
	called := map[Function]bool{}
	each := func(kind reflect.Type, from, to Role, remote func(*Caller) any, service func(any) Service) {
		inner := remote(callerTo(t, from, to, sampling(t)))
		outer := reflect.ValueOf(remote(callerTo(t, from, to, service(inner))))
		if !outer.Type().Implements(kind) || len(service(inner)) != kind.NumMethod() {
			t.Errorf("%s: %d functions served", kind, len(service(inner)))
		}
		for i := range kind.NumMethod() {
			f := Function(kind.Method(i).Name)
			both := samplesOf(t, f)
			called[f] = true
			out := outer.MethodByName(string(f)).Call([]reflect.Value{reflect.ValueOf(t.Context()),
				reflect.ValueOf(&Call{ID: id(byte(i + 1)), Sent: noon}), reflect.ValueOf(both[0])})
			if err, _ := out[1].Interface().(error); err != nil {
				t.Errorf("%s: %v", f, err)
				continue
			}
			if got := out[0].Interface().(Body); !bytes.Equal(encoded(t, got), encoded(t, both[1])) {
				t.Errorf("%s: %s", f, encoded(t, got))
			}
		}
	}
	each(reflect.TypeFor[Municipal](), RoleMunicipality, RoleCA,
		func(c *Caller) any { return RemoteMunicipal{c} }, func(m any) Service { return MunicipalService(m.(Municipal)) })
	each(reflect.TypeFor[MNO](), RoleSPTSM, RoleMNOTSM,
		func(c *Caller) any { return RemoteMNO{c} }, func(m any) Service { return MNOService(m.(MNO)) })
	each(reflect.TypeFor[SPNotified](), RoleMNOTSM, RoleSPTSM,
		func(c *Caller) any { return RemoteSPNotified{c} }, func(n any) Service { return SPNotifiedService(n.(SPNotified)) })
	each(reflect.TypeFor[UIAppServer](), RoleUIApp, RoleSPTSM,
		func(c *Caller) any { return RemoteUIAppServer{c} }, func(s any) Service { return UIAppService(s.(UIAppServer)) })
	for _, server := range []Role{RoleSPTSM, RoleMNOTSM} {
		each(reflect.TypeFor[Relay](), RoleUIApp, server,
			func(c *Caller) any { return RemoteRelay{c} }, func(r any) Service { return RelayService(r.(Relay)) })
	}
	for _, p := range Parts()[1:] {
		for _, d := range p.Definitions {
			if !called[d.Function] {
				t.Errorf("%s: no interface has it", d.Function)
			}
		}
	}
}

// TestMerge: services of one party together, the later one before the earlier.
func TestMerge(t *testing.T) {
	one := Service{Issue: nil, Revoke: nil}
	two := Service{Issue: func(context.Context, *Call, Body) (Body, error) { return nil, nil }}
	if all := Merge(one, two); len(all) != 2 || all[Issue] == nil || all[Revoke] != nil || one[Issue] != nil {
		t.Errorf("%v", all)
	}
}
