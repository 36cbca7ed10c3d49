package tsmp

import "time"

// News is what the holder of a SIM is told apart from the app.
type News byte

// News.
const (
	NewsPINResetOrdered News = iota + 1 // a PIN reset was ordered; nothing is done yet
	NewsPINResetDone                    // the card has taken it
)

var newsWords = []named[News]{{NewsPINResetOrdered, "pin-reset-ordered"}, {NewsPINResetDone, "pin-reset-done"}}

// String is the word in messages.
func (n News) String() string { return wordOf(newsWords, n) }

// NotifyHolderRequest has the carrier tell the subscriber, by a short message that the
// phone keeps, what somebody has asked for. Nothing in it is the app's choice, and
// nothing is secret. Spec: SPEC-TSM-PROTOCOL-094.
type NotifyHolderRequest struct {
	SE         SEID
	Subscriber Subscriber
	News       News
	Until      time.Time // it is not sent later
}

func (b *NotifyHolderRequest) visit(m *members) {
	m.id("seId", b.SE[:])
	m.id("subscriber", b.Subscriber[:])
	word(m, "news", &b.News, newsWords)
	m.time("until", &b.Until)
}
