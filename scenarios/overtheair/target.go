package overtheair

import (
	"fmt"

	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/scp"
	"inkan/core/scp/scp80"
	"inkan/core/scp/scp80/remote"
	"inkan/core/sms"
	"inkan/sim/profile"
)

// Target is the domain of a card that is managed over the air, and how its packets
// are protected.
type Target struct {
	Domain     gp.AID
	TAR        scp80.TAR
	SPI        scp80.SPI
	Algorithm  scp80.Algorithm
	BlockBytes int
	Format     remote.Format    // that the carrier uses
	Keys       scp.KeySet       // KIc, KID, KIK; the caller wipes them
	Token      gp.ContentSigner // signs what the domain manages; nil: it needs none
}

// FullSPI has packets and proofs ciphered and with a checksum, packets with a
// counter that is higher each time, and a proof always.
const FullSPI = scp80.CC | scp80.Cipher | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher

// TargetOf is who gets the application onto the cards of a profile: the issuer's
// domain in the simple deployment model, else the provider's, with a token of the
// carrier's in the delegated model. Carriers with triple DES keys write compact
// scripts, those with AES keys expanded ones. Spec: SPEC-OTA-030, SPEC-OTA-031.
func TargetOf(p *profile.Profile, number uint32) (t Target, err error) {
	t = Target{Domain: gp.AIDIssuerSecurityDomain, TAR: scp80.TARIssuerSD, SPI: FullSPI, Algorithm: scp80.AES, BlockBytes: 16, Format: remote.Expanded}
	if p.KeyType().IsDES() {
		t.Algorithm, t.BlockBytes, t.Format = scp80.TDES2, 8, remote.Compact
	}
	if p.Model == profile.Simple {
		t.Keys, err = p.OTAKeys(number)
		return t, err
	}
	t.Domain, t.TAR, t.Keys = jpki.AIDProviderDomain, jpki.TARProviderDomain, p.ProviderOTAKeys(number)
	if p.Model == profile.Delegated {
		key, err := p.TokenKey()
		if err != nil {
			return t, err
		}
		t.Token, err = gp.NewContentSigner(key, nil)
		return t, err
	}
	return t, nil
}

// sender is the number that the server's messages come from.
const sender = "819099990000"

// Connect makes a link to the target over a network. parts is the most messages of
// a packet, 0: MaxParts. format 0 is the target's.
func (t *Target) Connect(n *Network, counter scp80.Counter, format remote.Format, parts int) (*Link, error) {
	set, err := scp80.NewKeySet(scp80.KeySetConfig{Version: t.Keys.Version, KIc: scp80.Key{Algorithm: t.Algorithm, Value: t.Keys.Enc},
		KID: scp80.Key{Algorithm: t.Algorithm, Value: t.Keys.MAC}, Counter: counter})
	if err != nil {
		return nil, err
	}
	from, err := sms.NewAddress(sms.TypeInternational, sender)
	if err != nil {
		return nil, err
	}
	s, err := NewServer(ServerConfig{Network: n, TAR: t.TAR, SPI: t.SPI, Keys: set, Counter: counter, From: from})
	if err != nil {
		return nil, err
	}
	if format == 0 {
		format = t.Format
	}
	return NewLink(LinkConfig{Server: s, Format: format, Parts: parts, BlockBytes: t.BlockBytes})
}

// Format prints no key, whatever the verb.
func (t Target) String() string {
	return fmt.Sprintf("domain %v, TAR %v, SPI %v, %v keys, %v scripts", t.Domain, t.TAR, t.SPI, t.Algorithm, t.Format)
}
