package pcsc

import (
	"fmt"
	"io"
	"text/tabwriter"

	"inkan/sim/profile"
)

// Describe says what a card is, and what to try with it.
func (s *Served) Describe(w io.Writer) error {
	if s.IDCard != nil {
		return s.describeIDCard(w)
	}
	c, p := s.Card, s.Card.Profile
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "card\t%s of profile %s, %s\n", p.Carrier, p.Name, s.from())
	fmt.Fprintf(t, "ICCID\t%s\n", p.ICCID(c.Number))
	fmt.Fprintf(t, "chip\t%s, %d KiB\n", c.Chip.Name, c.Chip.NVM.SizeBytes>>10)
	fmt.Fprintf(t, "issuer\tSCP%02X, i %02X, keys %02X of %d bytes, %s\n", p.Channel.Protocol, p.Channel.I, p.KeyVersion, p.KeyBytes, p.Method.Name)
	if !s.HasJPKI() {
		fmt.Fprintf(t, "JPKI\tnot on the card\n")
		return t.Flush()
	}
	if s.Known {
		fmt.Fprintf(t, "JPKI\ton the card\n")
	} else {
		fmt.Fprintf(t, "JPKI\tpersonalised with a test certificate, PIN %s\n", DemoPIN)
	}
	fmt.Fprintf(t, "try\topensc-tool -n\n\tpkcs15-tool -c\n\tpkcs11-tool --login --pin %s -t\n", DemoPIN)
	return t.Flush()
}

func (s *Served) from() string {
	if s.Known {
		return "from its image"
	}
	return "new"
}

// WriteProfiles lists the profiles as a table.
func WriteProfiles(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "profile\tcarrier\tnetwork of\tmodel\tchannel\tkeys\tdiversified\tLc\tmemory\tchip")
	for _, p := range profile.All() {
		chip, err := p.ChipData()
		if err != nil {
			return err
		}
		host := p.Host
		if host == "" {
			host = "its own"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%v\tSCP%02X i %02X\t%d bytes\t%s\t%d\t%d KiB\t%s\n", p.Name, p.Carrier, host, p.Model,
			p.Channel.Protocol, p.Channel.I, p.KeyBytes, p.Method.Name, p.MaxData, chip.NVM.SizeBytes>>10, chip.Name)
	}
	return t.Flush()
}
