package uicc_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"log"
	"strings"

	"inkan/core/apdu"
	"inkan/core/uicc"
)

// recorded is a card that answers what was recorded from one: hex of commands and
// responses.
type recorded map[string]string

// Transmit implements apdu.Card.
func (r recorded) Transmit(_ context.Context, cmd, dst []byte) ([]byte, error) {
	answer, ok := r[strings.ToUpper(hex.EncodeToString(cmd))]
	if !ok {
		answer = "6F00"
	}
	return hex.AppendDecode(dst, []byte(answer))
}

// Reading the IMSI: select the USIM by the beginning of its AID, look at the file,
// verify PIN 1, read.
func Example() {
	var card apdu.Card = recorded{
		"00A4040407A000000087100200": "62378202782183027FD0840CA0000000871002FF49FF0589A50980017183040003E5688A01058B032F0608C60C9001E083010183018183010A9000",
		"00A40004026F0700":           "62178202412183026F078A01058B036F0605800200098801389000",
		"002000010831323334FFFFFFFF": "9000",
		"00B0000009":                 "0849040121436587099000",
	}
	ctx := context.Background()
	must := func(data []byte, err error) []byte {
		if err != nil {
			log.Fatal(err)
		}
		return data
	}
	send := func(cmd uicc.Command) ([]byte, error) {
		data, _, err := uicc.Exchange(ctx, card, cmd, nil)
		return data, err
	}
	adf, err := uicc.DecodeFCP(must(send(uicc.Select{By: uicc.ByName, Name: uicc.AIDPrefixUSIM})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("USIM %X\n", adf.AID)
	for _, p := range adf.PINs {
		fmt.Printf("key %02X enabled %v\n", byte(p.Key), p.Enabled)
	}
	ef, err := uicc.DecodeFCP(must(send(uicc.Select{Path: []uicc.FileID{uicc.EFIMSI}})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v %v, %d bytes\n", ef.ID, ef.Descriptor.Structure, ef.Size)
	pin, err := uicc.NewPIN("1234")
	if err != nil {
		log.Fatal(err)
	}
	must(send(uicc.VerifyPIN{Key: uicc.PIN1, Value: &pin}))
	imsi, err := uicc.DecodeIMSI(must(send(uicc.ReadBinary{Length: ef.Size})))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("IMSI", imsi)
	// Output:
	// USIM A0000000871002FF49FF0589
	// key 01 enabled true
	// key 81 enabled true
	// key 0A enabled true
	// 6F07 transparent, 9 bytes
	// IMSI 440101234567890
}
