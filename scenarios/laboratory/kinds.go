package laboratory

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
	"inkan/core/uicc"
	"inkan/sim/handset/device"
	"inkan/sim/profile"
	"inkan/tsm/hsm"
	"inkan/tsm/mno/eligible"
	"inkan/tsm/mno/kind"
	"inkan/tsm/remote"
)

// Memory that the service needs on a card, in bytes: the application with key and
// certificates, and the provider's domain.
const (
	serviceMemory   = 56 << 10
	serviceVolatile = 2 << 10
)

// tokenLabel is the key of tokens in a carrier's module.
const tokenLabel = "token"

// models are the deployment models of profiles.
var models = map[profile.Model]tsmp.Model{profile.Simple: tsmp.ModelSimple, profile.Delegated: tsmp.ModelDelegated, profile.Authorised: tsmp.ModelAuthorised}

// KindOf is a profile as a manager has it; owner is whose cards they are.
func KindOf(p *profile.Profile, owner tsmp.PartyID) *kind.Kind {
	block, format := 16, scripts.Expanded
	if p.KeyType().IsDES() {
		block, format = 8, scripts.Compact
	}
	k := &kind.Kind{Name: p.Name, Owner: owner, Models: []tsmp.Model{models[p.Model]}, Authority: jpki.AIDCASD.Append(nil),
		Issuer: remote.Domain{AID: gp.AIDIssuerSecurityDomain, TAR: scp80.TARIssuerSD, Format: format, BlockBytes: block, MaxData: p.MaxData,
			PacketKeys: hsm.KeyRef{Use: hsm.UseSCP80, Version: profile.OTAVersion, Master: p.Name + "/packets"},
			Options:    p.Channel.I, Level: p.Level(), ChannelKeys: hsm.KeyRef{Use: channelUse(p), Version: p.KeyVersion, Master: p.Name + "/channel"}},
		NonVolatile: freeMemory(p), Volatile: 8 << 10}
	if p.Model == profile.Delegated {
		k.Token, k.Receipt = tokenLabel, hsm.KeyRef{Use: hsm.UseReceipt, Version: profile.ReceiptVersion, Master: p.Name + "/receipt"}
	}
	return k
}

func channelUse(p *profile.Profile) hsm.Use {
	if p.Channel.Protocol == gp.SCP02 {
		return hsm.UseSCP02
	}
	return hsm.UseSCP03
}

// freeMemory is what is free on a new card of a profile, as its maker says.
func freeMemory(p *profile.Profile) uint64 {
	chip, err := p.ChipData()
	if err != nil {
		return 0
	}
	return uint64(chip.NVM.SizeBytes) * 3 / 4
}

// Guests are the MVNOs whose cards have a carrier's keys.
func Guests(p *profile.Profile) (all []*profile.Profile) {
	for _, guest := range profile.All() {
		if guest.Host == p.Name {
			all = append(all, guest)
		}
	}
	return all
}

// Equip gives a carrier's module the masters of its cards, those of its guests, and
// its key of tokens.
func Equip(module *hsm.Software, p *profile.Profile) error {
	for _, of := range append([]*profile.Profile{p}, Guests(p)...) {
		if err := addMasters(module, of); err != nil {
			return fmt.Errorf("%s: %w", of.Name, err)
		}
	}
	token, err := p.TokenKey()
	if err != nil {
		return err
	}
	return module.AddSigner(tokenLabel, token)
}

func addMasters(module *hsm.Software, p *profile.Profile) error {
	all := map[string]hsm.Master{
		"/channel": {Use: channelUse(p), Type: p.KeyType(), Method: p.Method, Keys: p.Masters()},
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

// Devices is the requirements matrix as managers have it.
func Devices() (all []eligible.Device) {
	for _, m := range device.Models() {
		const card = device.NFCA | device.NFCB
		all = append(all, eligible.Device{Name: strings.ReplaceAll(m.Name, " ", "-"), TAC: m.TAC, ProfileID: m.ProfileID(), Open: m.OS == device.OpenOS, Version: m.Version,
			OMAPI: m.OMAPI, Relay: m.Relay, CardNFC: m.CardNFC&card != 0, ReadNFC: m.ReadNFC&device.NFCB != 0, SIMSlot: m.SIMSlot, SMSPP: m.SMSPP,
			UIApp: m.UIApp, Withdrawn: m.Withdrawn, Networks: m.Networks})
	}
	return all
}

// Offer is what a carrier and the SP-TSM have agreed on for a load file.
func Offer(p *profile.Profile, loadFile []byte) *kind.Offer {
	return &kind.Offer{Service: ServiceName, Provider: SPTSM, Models: []tsmp.Model{models[p.Model]},
		Usages:  []tsmp.Usage{tsmp.UsageHolder, tsmp.UsagePermittedUser},
		Domains: [][]byte{jpki.AIDProviderDomain.Append(nil)}, TARs: [][]byte{jpki.TARProviderDomain[:]}, Packages: [][]byte{jpki.AIDPackage.Append(nil)}, Modules: [][]byte{jpki.AIDModule.Append(nil)},
		Instances: [][]byte{jpki.AIDInstance.Append(nil)}, Hashes: [][32]byte{sha256.Sum256(loadFile)},
		NonVolatile: serviceMemory, Volatile: serviceVolatile, System: device.DefaultNeed().Version}
}

// Prefixes are how the identifiers of a profile's SIMs begin, in hex.
func Prefixes(p *profile.Profile) []string {
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
