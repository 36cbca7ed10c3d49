package main

import (
	"context"
	"errors"

	"inkan/core/cap"
	"inkan/core/cap/verifier"
	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/jpki"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/sim/os"
)

var loadPromise = Promise{
	Name:       "load and install the JPKI applet under SCP03 level 33, and delete it",
	Baseline:   "verifying the package, parsed",
	Limit:      4,
	MaxNanos:   5e6,
	AllocLimit: 6000,
	Setup:      setupLoad,
}

// manager is a card with a secure channel to its issuer security domain.
type manager struct {
	card    *os.Card
	channel *scp.Secured
}

func newManager(cfg os.Config) (*manager, error) {
	card, err := os.New(cfg)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	if _, err := gp.Exchange(ctx, card, gp.Select{}, nil); err != nil {
		return nil, err
	}
	key := keys.TestKey()
	host, err := scp03.Open(ctx, card, scp03.HostConfig{KeyVersion: 0x30, Level: scp.CMAC | scp.CDecryption | scp.RMAC | scp.REncryption,
		Keys: scp03.FixedKeys(&scp.KeySet{Version: 0x30, Enc: key, MAC: key, DEK: key}), Entropy: entropy.Seeded(1, "host")})
	return &manager{card, &scp.Secured{Host: host, Card: card}}, err
}

func (m *manager) say(c gp.Command) error {
	_, err := gp.Exchange(context.Background(), m.channel, c, nil)
	return err
}

// content is a load file and what is made of it.
type content struct {
	file                  []byte
	pkg, module, instance gp.AID
	parameters            []byte
	blocks                []gp.Load
}

func newContent(loadFile []byte, pkg, module, instance gp.AID, application []byte) (*content, error) {
	parameters, err := (&gp.InstallParameters{ApplicationSpecific: application}).Append(nil)
	if err != nil {
		return nil, err
	}
	file, err := (&gp.LoadFile{Content: loadFile}).Append(nil)
	if err != nil {
		return nil, err
	}
	blocks, err := gp.LoadBlocks(file, 223)
	if err != nil {
		return nil, err
	}
	c := &content{file: file, pkg: pkg, module: module, instance: instance, parameters: parameters}
	for b := range blocks {
		c.blocks = append(c.blocks, b)
	}
	return c, nil
}

// load loads the package and makes the instance.
func (m *manager) load(c *content) error {
	if err := m.say(gp.Install{Purpose: gp.ForLoad, LoadFile: c.pkg}); err != nil {
		return err
	}
	for _, b := range c.blocks {
		if err := m.say(b); err != nil {
			return err
		}
	}
	return m.say(gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: c.pkg, Module: c.module, Application: c.instance,
		Parameters: c.parameters})
}

// jpkiContent is the JPKI application with the parameters of a SIM.
func jpkiContent() (*content, error) {
	loadFile, err := jpkiLoadFile()
	if err != nil {
		return nil, err
	}
	p := jpki.Defaults(jpki.FormSIM)
	application, err := p.Append([]byte{})
	if err != nil {
		return nil, err
	}
	return newContent(loadFile, jpki.AIDPackage, jpki.AIDModule, jpki.AIDInstance, application)
}

func setupLoad() (operation, baseline func(), err error) {
	m, err := newManager(os.Config{})
	if err != nil {
		return nil, nil, err
	}
	c, err := jpkiContent()
	if err != nil {
		return nil, nil, err
	}
	forget := gp.Delete{AID: c.pkg, Related: true}
	operation = func() {
		if err := errors.Join(m.load(c), m.say(forget)); err != nil {
			panic(err)
		}
	}
	baseline, err = verification()
	return operation, baseline, err
}

// verification verifies the JPKI application's package as the card does.
func verification() (func(), error) {
	loadFile, err := jpkiLoadFile()
	if err != nil {
		return nil, err
	}
	f, err := cap.Open(loadFile)
	if err != nil {
		return nil, err
	}
	env := verifier.Standard()
	return func() {
		if r := verifier.Verify(f, env); len(r.Findings) > 0 {
			panic(r.Findings[0])
		}
	}, nil
}
