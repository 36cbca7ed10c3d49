package world

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/keys"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tsmp"
	"inkan/sim/handset/device"
	"inkan/sim/profile"
	"inkan/tsm/hsm"
	"inkan/tsm/mno/eligible"
	"inkan/tsm/mno/kind"
	"inkan/tsm/remote"
)

// ServiceName is what service managers call the service.
const ServiceName = "jpki"

// Memory that the service needs on a card, in bytes: the application with key and
// certificates, and the provider's domain.
const (
	serviceMemory   = 56 << 10
	serviceVolatile = 2 << 10
)

// Labels of keys in a carrier's module.
const (
	tokenLabel = "token"
	dapLabel   = "dap"
)

// models are the deployment models of profiles.
var models = map[profile.Model]tsmp.Model{profile.Simple: tsmp.ModelSimple, profile.Delegated: tsmp.ModelDelegated, profile.Authorised: tsmp.ModelAuthorised}

// kindOf is a profile as its carrier's manager has it.
func kindOf(p *profile.Profile, owner tsmp.PartyID) *kind.Kind {
	use, block, format := hsm.UseSCP03, 16, scripts.Expanded
	if p.Channel.Protocol == gp.SCP02 {
		use = hsm.UseSCP02
	}
	if p.KeyType().IsDES() {
		block, format = 8, scripts.Compact
	}
	k := &kind.Kind{Name: p.Name, Owner: owner, Models: []tsmp.Model{models[p.Model]}, Authority: casdAID(),
		Issuer: remote.Domain{AID: gp.AIDIssuerSecurityDomain, TAR: scp80.TARIssuerSD, Format: format, BlockBytes: block, MaxData: p.MaxData,
			PacketKeys: hsm.KeyRef{Use: hsm.UseSCP80, Version: profile.OTAVersion, Master: p.Name + "/packets"},
			Options:    p.Channel.I, Level: p.Level(), ChannelKeys: hsm.KeyRef{Use: use, Version: p.KeyVersion, Master: p.Name + "/channel"}},
		NonVolatile: freeMemory(p), Volatile: 8 << 10}
	if p.Model == profile.Delegated {
		k.Token, k.Receipt = tokenLabel, hsm.KeyRef{Use: hsm.UseReceipt, Version: profile.ReceiptVersion, Master: p.Name + "/receipt"}
	}
	return k
}

// freeMemory is what is free on a new card of a profile, as its maker says.
func freeMemory(p *profile.Profile) uint64 {
	chip, err := p.ChipData()
	if err != nil {
		return 0
	}
	return uint64(chip.NVM.SizeBytes) * 3 / 4
}

func casdAID() []byte { return jpki.AIDCASD.Append(nil) }

// moduleOf is the HSM of a carrier: with the masters of its cards, and its key of
// tokens.
func (w *World) moduleOf(c *Carrier, life int) (*hsm.Software, error) {
	module, err := w.module(string(c.Party), life)
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{c.Profile.Name}, w.guests(c)...) {
		if err := addMasters(module, profile.Named(name)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	token, err := c.Profile.TokenKey()
	if err != nil {
		return nil, err
	}
	return module, module.AddSigner(tokenLabel, token)
}

// guests are the MVNOs whose cards have a carrier's keys.
func (w *World) guests(c *Carrier) (names []string) {
	for _, p := range profile.All() {
		if p.Host == c.Profile.Name {
			names = append(names, p.Name)
		}
	}
	return names
}

// module is a party's HSM, whose key-encryption key follows from the party's name:
// TEST ONLY.
func (w *World) module(party string, life int) (*hsm.Software, error) {
	kek := sha256.Sum256(fmt.Appendf(nil, "TEST ONLY: key-encryption key of %s, %d", party, w.Config.Seed))
	return hsm.NewSoftware(hsm.Config{Label: party, KEK: kek[:], Entropy: w.source(fmt.Sprintf("HSM of %s %d", party, life))})
}

func addMasters(module *hsm.Software, p *profile.Profile) error {
	use := hsm.UseSCP03
	if p.Channel.Protocol == gp.SCP02 {
		use = hsm.UseSCP02
	}
	all := map[string]hsm.Master{
		"/channel": {Use: use, Type: p.KeyType(), Method: p.Method, Keys: p.Masters()},
		"/packets": {Use: hsm.UseSCP80, Type: p.KeyType(), Method: p.Method, Keys: p.OTAMasters()},
	}
	if p.Model == profile.Delegated {
		all["/receipt"] = hsm.Master{Use: hsm.UseReceipt, Type: keys.AES, Method: p.Method, Keys: p.ReceiptMaster()}
	}
	for label, m := range all {
		err := module.AddMaster(p.Name+label, m)
		m.Keys.Wipe()
		if err != nil {
			return err
		}
	}
	return nil
}

// devices is the requirements matrix as managers have it.
func devices() (all []eligible.Device) {
	for _, m := range device.Models() {
		const card = device.NFCA | device.NFCB
		all = append(all, eligible.Device{Name: strings.ReplaceAll(m.Name, " ", "-"), TAC: m.TAC, ProfileID: m.ProfileID(), Open: m.OS == device.OpenOS, Version: m.Version,
			OMAPI: m.OMAPI, Relay: m.Relay, CardNFC: m.CardNFC&card != 0, ReadNFC: m.ReadNFC&device.NFCB != 0, SIMSlot: m.SIMSlot, SMSPP: m.SMSPP,
			UIApp: m.UIApp, Withdrawn: m.Withdrawn, Networks: m.Networks})
	}
	return all
}

// offer is what a carrier and the SP-TSM have agreed on.
func (w *World) offer(p *profile.Profile) *kind.Offer {
	return &kind.Offer{Service: ServiceName, Provider: SPTSM, Models: []tsmp.Model{models[p.Model]},
		Usages:  []tsmp.Usage{tsmp.UsageHolder, tsmp.UsagePermittedUser},
		Domains: [][]byte{jpki.AIDProviderDomain.Append(nil)}, Packages: [][]byte{jpki.AIDPackage.Append(nil)}, Modules: [][]byte{jpki.AIDModule.Append(nil)},
		Instances: [][]byte{jpki.AIDInstance.Append(nil)}, Hashes: [][32]byte{sha256.Sum256(w.loadFile)},
		NonVolatile: serviceMemory, Volatile: serviceVolatile, System: device.DefaultNeed().Version}
}
