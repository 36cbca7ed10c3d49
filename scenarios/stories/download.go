package stories

import (
	"context"
	"fmt"
	"time"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

// Models of phones by the way that bytes take to their SIM.
const (
	relayModel = "Sakura S1 Free" // the UI app relays
	smsModel   = "Tsubaki T"      // it does not: short messages alone
)

var download = &Story{
	Name: "download", Title: "on every carrier's SIM, by short messages and by relay", TitleJA: "全プロファイルへのダウンロード (SMSとアプリ経由)",
	Summary: report.Text{Japanese: "同じアプリケーションを、5種類のSIMに、SMSとアプリ経由で書き込む。",
		English: "The same application goes onto five kinds of SIM, by short messages and by the app's relay, with keys made on the card and delivered."},
	Configure: func(c *world.Config) {
		c.Origins = map[string]jpki.Origin{}
		for i, name := range []string{"test", "akebono", "hayate", "minato", "suzume"} {
			if (i%2 == 1) != (c.Origin == jpki.OriginDelivered) {
				c.Origins[name] = jpki.OriginDelivered
			}
		}
		c.Origin = jpki.OriginOnCard
	},
	Run: func(ctx context.Context, w *world.World) error {
		var steps []step
		number := uint32(0)
		for _, carrier := range w.Config.Carriers {
			for _, model := range []string{relayModel, smsModel} {
				number++
				n, took := number, new(time.Duration)
				c := newCast(ctx, w)
				how := map[string][2]string{relayModel: {"アプリ経由", "by relay"}, smsModel: {"SMS", "by short messages"}}[model]
				origin := "key made on the card"
				if w.Config.Origins[carrier] == jpki.OriginDelivered {
					origin = "key delivered"
				}
				steps = append(steps, does(carrier+": "+how[0], fmt.Sprintf("%s, %s, %s", carrier, how[1], origin), func() (err error) {
					if c.holder, err = w.Resident(ctx, n); err != nil {
						return err
					}
					if err := c.equipped(carrier, model).do(); err != nil {
						return err
					}
					if err := c.phone.Apply(ctx, uiapp.Apply, tsmp.UsageHolder); err != nil {
						return err
					}
					before := w.Now()
					if err := c.phone.Follow(ctx, w.Patience()); err != nil {
						return err
					}
					*took = w.Now().Sub(before)
					w.Say("the download took %v", took.Round(100*time.Millisecond))
					if err := c.phone.SetPIN(ctx, world.PIN); err != nil {
						return err
					}
					return all(c.active, c.logsIn)()
				}))
			}
		}
		return play(ctx, w, steps...)
	},
}
