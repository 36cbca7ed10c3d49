package os_test

import (
	"context"
	"fmt"

	"inkan/core/entropy"
	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp"
	"inkan/core/scp/scp03"
	"inkan/sim/os"
)

// A new card with test keys: a channel to the issuer's domain, a security domain
// for a provider, and what the registry says then.
func ExampleNew() {
	ctx := context.Background()
	card, err := os.New(os.Config{})
	if err != nil {
		panic(err)
	}
	key := keys.TestKey()
	host, err := scp03.Open(ctx, card, scp03.HostConfig{Level: scp.CMAC | scp.CDecryption, Entropy: entropy.Seeded(1, "host"),
		Keys: scp03.FixedKeys(&scp.KeySet{Enc: key, MAC: key, DEK: key})})
	if err != nil {
		panic(err)
	}
	secured := &scp.Secured{Host: host, Card: card}
	_, err = gp.Exchange(ctx, secured, gp.Install{Purpose: gp.ForInstallAndMakeSelectable, LoadFile: gp.AIDSecurityDomainPackage,
		Module: gp.AIDSecurityDomainModule, Application: gp.MustAID("A0000001515350AA01"), Privileges: gp.SecurityDomain}, nil)
	if err != nil {
		panic(err)
	}
	err = gp.Status(ctx, secured, gp.GetStatus{Subset: gp.SubsetApplications}, func(e *gp.Entry) error {
		fmt.Printf("%v life cycle %02X of %v\n", e.AID, byte(e.LifeCycle), e.SecurityDomain)
		return nil
	})
	fmt.Println(err)
	// Output:
	// A00000015153504341534400 life cycle 0F of A000000151000000
	// A0000001515350AA01 life cycle 07 of A000000151000000
	// <nil>
}
