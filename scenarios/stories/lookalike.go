package stories

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/jpki"
	"inkan/core/tsmp"
	"inkan/scenarios/report"
	"inkan/scenarios/world"
	"inkan/sim/handset/uiapp"
)

var errServed = errors.New("a stranger was served")

var lookAlike = &Story{
	Name: "look-alike", Title: "an app, and an applet, that look the same", TitleJA: "偽のアプリと偽のアプリケーション",
	Summary: report.Text{Japanese: "署名者の違うアプリはSIMに届かない。同じ名前の別のアプリケーション、同じ動きをする別のプログラム、偽のSIMには発行しない。",
		English: "An app of another signer does not reach the SIM, and nothing is issued to another applet of that name, to a program that does the same but is another one, whatever it is said to be, or to a SIM that attests with a key of its own."},
	Carriers: []string{"minato", "hayate"},
	Run: func(ctx context.Context, w *world.World) error {
		c := newCast(ctx, w)
		var stranger *world.Phone
		other := new(cast) // with the new SIM
		empty := does("新しいSIMには何も残っていない", "nothing is left on the new SIM", func() error {
			return c.until(w.Patience(), func() error { return nothingOn(ctx, w, other.sim) })
		})
		return play(ctx, w, append(c.begun("minato"),
			does("偽のアプリを入れた", "a look-alike app is on the phone", func() (err error) {
				if err := c.phone.Stop(); err != nil {
					return err
				}
				stranger, err = w.Phone(ctx, c.holder, c.sim, world.PhoneConfig{Caller: &world.LookAlike})
				return err
			}),
			isRefused("偽のアプリはSIMに届かない", "the SIM's rules keep it out", "HS-302", func() error {
				if _, err := stranger.Login(ctx, w.Bank, "残高照会", world.PIN); err != nil {
					return err
				}
				return errServed
			}),
			isRefused("偽のアプリは暗証番号も変えられない", "nor does it reach the PIN", "HS-302", func() error { return stranger.ChangePIN(ctx, world.PIN, secondPIN) }),
			does("偽のアプリを消す", "the look-alike app is put away", func() error { return stranger.Stop() }),
			isRefused("同じ名前の別のアプリケーションがあるSIM", "a SIM with another applet of that name", "SW-6A86", func() error {
				return onNew(c, other, "minato", func() error { return other.sim.Plant(ctx, other.phone) })
			}),
			does("ほかには何も書き込まれていない", "nothing but that applet is on it", func() error { return onlyApplet(ctx, w, other.sim) }),
			isRefused("SP-TSMの書き込む内容がすり替えられた", "the SP-TSM has a look-alike to load, which does all that the genuine one does", "TSM-load-file-refused", func() error {
				return onNew(c, other, "minato", func() error { return w.Substitute(ctx, world.SPTSM) })
			}),
			does("認証局が気づいた", "the authority noticed", whoNoticed(c, tsmp.RoleCA, tsmp.CodeLoadFile)),
			empty,
			isRefused("SP-TSMが別の内容を書き込み、本物だと偽る", "the SP-TSM loads the look-alike, and says that it is the genuine one", "TSM-token-refused", func() error {
				return onNew(c, other, "hayate", func() error { return w.Pretend(ctx) })
			}),
			does("携帯電話会社が気づいた", "the carrier noticed, whose token the SIM wants for each load file", whoNoticed(c, tsmp.RoleMNOTSM, tsmp.CodeTokenRefused)),
			empty,
			isRefused("トークンのいらないSIMで、別の内容を本物だと偽る", "the same on a SIM that wants no token: its authority signs which load file it has", "TSM-attestation-invalid", func() error {
				return onNew(c, other, "minato", func() error { return w.Pretend(ctx) })
			}),
			does("認証局が気づいた", "the authority noticed", whoNoticed(c, tsmp.RoleCA, tsmp.CodeAttestation)),
			empty,
			isRefused("偽のSIMが証明に署名する", "a SIM that attests with a key of its own", "TSM-attestation-key-unknown", func() error {
				return onNew(c, other, "minato", func() error {
					if err := w.Substitute(ctx); err != nil {
						return err
					}
					return other.sim.Counterfeit(ctx)
				})
			}),
			does("認証局が気づいた", "the authority noticed", whoNoticed(c, tsmp.RoleCA, tsmp.CodeUnknownAttestation)),
			empty,
			does("元の電子証明書はそのまま", "the holder's certificate is as it was", func() error { return certificateIs(ctx, w, c.instance(), active) }))...)
	},
}

// onNew has the holder apply on a new SIM of a carrier, which is other's from then on, after
// something was done to it or to who writes it.
func onNew(c, other *cast, carrier string, do func() error) error {
	*other = *newCast(c.ctx, c.w)
	other.holder = c.holder
	return all(other.equipped(carrier, "").do, do, func() error { return other.phone.Apply(c.ctx, uiapp.Apply, tsmp.UsageHolder) }, other.downloaded().do)()
}

// onlyApplet makes sure that of the service a SIM has an applet of its name and no domain.
func onlyApplet(ctx context.Context, w *world.World, s *world.SIM) error {
	content, err := s.Content(ctx)
	if err != nil {
		return err
	}
	_, applet := content[jpki.AIDInstance]
	_, domain := content[jpki.AIDProviderDomain]
	_, file := content[jpki.AIDPackage]
	if !applet || domain || file {
		return fmt.Errorf("on %s: applet %v, want it; domain %v, load file %v, want neither", s.Name, applet, domain, file)
	}
	w.Say("on %s there is the other applet alone", s.Name)
	return nil
}

// whoNoticed makes sure that the SP-TSM's trail has a refusal of a party, which nobody else
// is responsible for, and says which; the authority has its own in its trail, too.
func whoNoticed(c *cast, by tsmp.Role, code tsmp.Code) func() error {
	return func() error {
		var first world.Entry // what follows, such as an erasure, may be refused as well
		err := c.w.Trail(c.ctx, world.SPTSM, func(e world.Entry) error {
			if first.Number == 0 && e.Refused == string(code) && e.Responsible == by.String() {
				first = e
			}
			return nil
		})
		if err == nil && first.Number == 0 {
			err = fmt.Errorf("the trail of %s has no refusal %q of a party of role %v", world.SPTSM, code, by)
		}
		c.w.Say("the trail of %s: %s refused by %s, %q", world.SPTSM, first.Event, first.Actor, first.Refused)
		if err != nil || by != tsmp.RoleCA {
			return err
		}
		own := false
		err = c.w.Trail(c.ctx, world.CA, func(e world.Entry) error {
			own = own || e.Refused == string(code)
			return nil
		})
		if err == nil && !own {
			err = fmt.Errorf("the trail of %s has no refusal %q", world.CA, code)
		}
		return err
	}
}
