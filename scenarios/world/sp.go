package world

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/keys"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tsmp"
	"inkan/core/uicc"
	"inkan/sim/profile"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
	"inkan/tsm/sp"
	"inkan/tsm/sp/instance"
	"inkan/tsm/store"
	"inkan/tsm/store/row"
)

// spServer is the SP-TSM as a process.
type spServer struct {
	*sp.Manager
	store   *store.Store
	tenant  *store.Tenant
	handler *tsmp.Handler
}

// openProvider starts the SP-TSM.
func (w *World) openProvider(ctx context.Context, identity tsmp.Identity) error {
	p := &process{party: SPTSM}
	p.open = func(ctx context.Context, disk vfs.FS, life int) (server, error) {
		return w.provide(ctx, p, identity, disk, life)
	}
	return w.run(ctx, p)
}

func (w *World) provide(ctx context.Context, p *process, identity tsmp.Identity, disk vfs.FS, life int) (_ *spServer, err error) {
	s := new(spServer)
	if s.store, err = store.Open(ctx, store.Options{Path: "sp-tsm", FS: disk, Now: w.Now}); err != nil {
		return nil, err
	}
	tenant, err := s.store.Tenant(ctx, SPTSM)
	if err != nil {
		return nil, err
	}
	s.tenant = tenant
	peers := map[tsmp.PartyID]*tsmp.Caller{CA: w.asks(p, identity, CA)}
	for _, c := range w.Carriers {
		peers[c.Party] = w.asks(p, identity, c.Party)
	}
	secret := sha256.Sum256(fmt.Appendf(nil, "TEST ONLY: secret of the SP-TSM, %d", w.Config.Seed))
	software := w.software()
	config := sp.Config{Party: SPTSM, Authority: CA, Tenant: tenant, Now: w.Now, Entropy: w.source(fmt.Sprintf("SP-TSM %d", life)), Secret: secret[:], Service: ServiceName,
		Peer:     func(party tsmp.PartyID) (*tsmp.Caller, bool) { c, ok := peers[party]; return c, ok },
		Software: *software, Domain: tsmp.DomainSpec{AID: jpki.AIDProviderDomain.Append(nil), TAR: jpki.TARProviderDomain[:]}, Origin: w.Config.Origin, Touch: true}
	for _, name := range w.Config.Carriers {
		config.Carriers = append(config.Carriers, sp.Carrier{Party: ManagerOf(name), Prefixes: prefixes(w.Carriers[name].Profile), Origin: w.Config.Origins[name]})
	}
	if config.Cards, err = w.programs(software, life); err != nil {
		return nil, err
	}
	if s.Manager, err = sp.New(config); err != nil {
		return nil, err
	}
	s.handler = &tsmp.Handler{Identity: identity, Keys: tsmp.AppKeys{Parties: w.directory}, Journal: tenant.Journal(), Service: s.Service(), Now: w.Now}
	return s, nil
}

// software is the application as carriers load it.
func (w *World) software() *sp.Software {
	file, _ := (&gp.LoadFile{Content: w.loadFile}).Append(nil) // without signatures it cannot fail
	return &sp.Software{PackageAID: jpki.AIDPackage.Append(nil), ModuleAID: jpki.AIDModule.Append(nil), InstanceAID: jpki.AIDInstance.Append(nil),
		LoadFile: file, Hash: sha256.Sum256(w.loadFile), NonVolatile: serviceMemory, Volatile: serviceVolatile}
}

// prefixes are how the identifiers of a profile's SIMs begin.
func prefixes(p *profile.Profile) []string {
	content, err := uicc.AppendICCID(nil, p.ICCID(1))
	if err != nil {
		return nil
	}
	const issuerDigits = 6 // 89 and the issuer, in three bytes
	n := issuerDigits / 2
	if p.Base > 0 {
		n = issuerDigits/2 + 2 // and where the numbers of an MVNO begin
	}
	return []string{fmt.Sprintf("%X", content[:n])}
}

// programs is what the SP-TSM does on cards, with its HSM.
func (w *World) programs(software *sp.Software, life int) (sp.Cards, error) {
	module, err := w.module(string(SPTSM), life)
	if err != nil {
		return nil, err
	}
	known, err := makers()
	if err != nil {
		return nil, err
	}
	c := sp.CardsConfig{HSM: module, Makers: known, Now: w.Now, Software: software, Profiles: map[string]sp.CardProfile{}}
	for _, name := range w.Config.Carriers {
		c.Profiles[name] = domainOf(w.Carriers[name].Profile)
	}
	return sp.NewCards(c)
}

// domainOf is how the provider's domain is reached on the SIMs of a profile: its key
// sets are those that cards of that platform take.
func domainOf(p *profile.Profile) sp.CardProfile {
	d := remote.Domain{AID: jpki.AIDProviderDomain, TAR: scp80.TAR(jpki.TARProviderDomain), Format: scripts.Expanded, BlockBytes: 16, Options: p.Channel.I, Level: p.Level(), MaxData: p.MaxData}
	channel := instance.KeySet{Use: hsm.UseSCP03, Version: p.ProviderVersion(), Type: keys.AES, SizeBytes: p.KeyBytes}
	if p.Channel.Protocol == gp.SCP02 {
		channel.Use, channel.Type = hsm.UseSCP02, keys.DES
	}
	packets := instance.KeySet{Use: hsm.UseSCP80, Version: profile.OTAVersion, Type: keys.AES, SizeBytes: 16}
	if p.KeyType().IsDES() {
		packets.Type, d.BlockBytes, d.Format = keys.DES, 8, scripts.Compact
	}
	return sp.CardProfile{Domain: d, Sets: []instance.KeySet{packets, channel}, Attested: true}
}

// Handle implements server.
func (s *spServer) Handle(ctx context.Context, request []byte) ([]byte, error) {
	return s.handler.Handle(ctx, request)
}

// Close implements server.
func (s *spServer) Close() error { return s.store.Close() }

func (s *spServer) trail(ctx context.Context, from uint64, do func(Entry) error) error {
	return s.Trail(ctx, from, func(e *row.Entry) error { return do(ofStore(e)) })
}
