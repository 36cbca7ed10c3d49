package laboratory

import (
	"crypto/sha256"

	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/keys"
	"inkan/core/scp/scp80"
	scripts "inkan/core/scp/scp80/remote"
	"inkan/core/tsmp"
	applet "inkan/sim/applets/jpki"
	"inkan/sim/profile"
	"inkan/tsm/hsm"
	"inkan/tsm/remote"
	"inkan/tsm/sp"
	"inkan/tsm/sp/instance"
)

// LoadFile is that of the JPKI application, without signatures.
func LoadFile() ([]byte, error) {
	file, err := cap.Open(applet.CAP)
	if err != nil {
		return nil, err
	}
	return file.LoadFile(nil, file.Descriptor != nil), nil
}

// Software is the application as carriers load it.
func Software(loadFile []byte) *sp.Software {
	file, _ := (&gp.LoadFile{Content: loadFile}).Append(nil) // without signatures it cannot fail
	return &sp.Software{PackageAID: jpki.AIDPackage.Append(nil), ModuleAID: jpki.AIDModule.Append(nil), InstanceAID: jpki.AIDInstance.Append(nil),
		LoadFile: file, Hash: sha256.Sum256(loadFile), NonVolatile: serviceMemory, Volatile: serviceVolatile}
}

// Domain is the provider's, as carriers are told of it.
func Domain() tsmp.DomainSpec {
	return tsmp.DomainSpec{AID: jpki.AIDProviderDomain.Append(nil), TAR: jpki.TARProviderDomain[:]}
}

// DomainOf is how the provider's domain is reached on the SIMs of a profile: its key
// sets are those that cards of that platform take.
func DomainOf(p *profile.Profile) sp.CardProfile {
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
