package scp80_test

import (
	"fmt"

	"inkan/core/gp"
	"inkan/core/keys"
	"inkan/core/scp/scp80"
	"inkan/core/sms"
)

// replayCounter is a replay counter; a server keeps it in its database.
type replayCounter uint64

func (c *replayCounter) Load() uint64             { return uint64(*c) }
func (c *replayCounter) Store(value uint64) error { *c = replayCounter(value); return nil }

// A command for the issuer security domain, sealed and put into a short message:
// the ENVELOPE that the terminal hands to the card. SPI 1619 is: encrypted, with
// a checksum and a rising counter, proof of receipt always, in the same way.
func ExampleHost_Seal() {
	const spi = scp80.Cipher | scp80.CC | scp80.CounterHigher | scp80.PoR | scp80.PoRCC | scp80.PoRCipher
	key := scp80.Key{Algorithm: scp80.AES, Value: keys.TestKey()}
	set, err := scp80.NewKeySet(scp80.KeySetConfig{Version: 1, KIc: key, KID: key, Counter: new(replayCounter)})
	if err != nil {
		fmt.Println(err)
		return
	}
	host, err := scp80.NewHost(scp80.HostConfig{SPI: spi, Cipher: set, Integrity: set})
	if err != nil {
		fmt.Println(err)
		return
	}
	get, _ := gp.GetData{Tag: gp.TagIIN}.APDU(nil)
	script, _ := get.Append(nil)
	packet, ticket, err := host.Seal(nil, scp80.TARIssuerSD, script)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("packet %X\ncounter %d, for host.Open of the proof of receipt\n", packet, ticket.Counter)

	parts, err := sms.NewSplitter(packet, sms.IEICommandPacket, 0, false, sms.MaxUserData)
	if err != nil {
		fmt.Println(err)
		return
	}
	from, _ := sms.NewAddress(sms.TypeInternational, "818012345678")
	timeStamp := [7]byte{0x62, 0x11, 0x22, 0x00, 0x00, 0x00, 0x63}
	for i := range parts.Parts() {
		deliver := sms.NewCommandDeliver(from, timeStamp, parts.Append(nil, i))
		tpdu, _ := deliver.Append(nil)
		download := sms.Download{TPDU: tpdu}
		envelope := sms.Envelope(download.Append(nil))
		cmd, err := envelope.Append(nil)
		fmt.Printf("envelope %X, %v\n", cmd, err)
	}
	// Output:
	// packet 00281516191212000000BF9849124FFB59EE2A27BC33EF04DB4E732DBFDE7DEB31C932616C15567598C5
	// counter 1, for host.Open of the proof of receipt
	// envelope 80C2000048D146820283818B40440C911808214365877FF6621122000000632D02700000281516191212000000BF9849124FFB59EE2A27BC33EF04DB4E732DBFDE7DEB31C932616C15567598C500, <nil>
}
