package personalise

import (
	"errors"
	"strings"
	"testing"

	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/core/scp"
)

// How commands are protected and cut can be chosen.
func TestChannelConfig(t *testing.T) {
	full, err := onModel(t, ModelConfig{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	small, err := onModel(t, ModelConfig{}, func(c *Config) { c.BlockBytes, c.Level, c.SIM = 100, scp.CMAC, []byte("a SIM") })
	if err != nil {
		t.Fatal(err)
	}
	if small.Total.Commands < full.Total.Commands+100 {
		t.Errorf("%d commands in blocks of 100, %d in the longest ones", small.Total.Commands, full.Total.Commands)
	}
	for name, change := range map[string]func(*Config){
		"blocks of 31":                     func(c *Config) { c.BlockBytes = 31 },
		"blocks of 224":                    func(c *Config) { c.BlockBytes = 224 },
		"a SIM of 17 bytes":                func(c *Config) { c.SIM = make([]byte, 17) },
		"R-MAC of SCP02 on a card without": func(c *Config) { c.SCP, c.SCP02I, c.Level = gp.SCP02, 0x35, scp.CMAC|scp.RMAC },
	} {
		if _, err := onModel(t, ModelConfig{}, change); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A domain that is not there is not found.
func TestDomainMissing(t *testing.T) {
	_, err := onModel(t, ModelConfig{}, func(c *Config) { c.Domain = gp.MustAID("F00102030405") })
	if !errors.Is(err, iso7816.FileNotFound) || !strings.HasPrefix(err.Error(), "OPEN CHANNEL: ") {
		t.Error(err)
	}
}
