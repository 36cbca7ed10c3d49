package inkan.jpki;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import javacard.security.CryptoException;
import javacard.security.RSAPrivateCrtKey;

/**
 * ENVELOPE: encrypted content for the open order (PERSO, envelopes). First the
 * MAC, then one pass that looks at everything and changes nothing, then one that
 * writes, then the transaction that makes it count.
 */
final class Envelope {
	/** Bytes of sequence, type and MAC. */
	static final short OVERHEAD = 18;
	private static final short HEAD = 2;
	private static final short MAC_SIZE = 16;

	// Items: the low digit of their tags.
	private static final byte CERTIFICATE = 1;
	private static final byte END = 2;
	private static final byte CODE = 3;
	private static final byte P = 4;
	private static final byte Q = 5;
	private static final byte DP1 = 6;
	private static final byte DQ1 = 7;
	private static final byte PQ = 8;
	private static final byte CHALLENGE = 0x0A;
	/** Bits of the five parts of a key, by low digit. */
	private static final short PARTS = 0x01F0;

	private final Parameters parameters;
	private final State state;
	private final Orders orders;
	private final Content content;
	private final Pins pins;
	private final Wiper wiper;
	private final Cmac cmac;
	private final Crypto crypto;
	private final Plain plain;
	private final byte[] staging;

	Envelope(Parameters parameters, State state, Orders orders, Content content, Pins pins, Wiper wiper, Cmac cmac, Crypto crypto,
			byte[] staging) {
		this.parameters = parameters;
		this.state = state;
		this.orders = orders;
		this.content = content;
		this.pins = pins;
		this.wiper = wiper;
		this.cmac = cmac;
		this.crypto = crypto;
		this.staging = staging;
		plain = new Plain(crypto, staging);
	}

	/** Executes the value of this length at the beginning of the staging memory. Spec: SPEC-PERSO-040 to SPEC-PERSO-047. */
	void execute(short length) {
		short mac = (short) (length - MAC_SIZE);
		if (state.isLast(staging, (short) 0, mac)) {
			return;
		}
		short next = (short) (state.sequence() + 1);
		Status.need(state.purpose() != 0 && staging[1] == state.purpose() && (short) (staging[0] & 0xFF) == next,
				ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		short size = (short) (length - OVERHEAD);
		authenticate(size, mac);
		try {
			plain.open(orders.encryption(state.order()), size);
			walk(false);
			checkWhole(Role.AUTH);
			checkWhole(Role.SIGN);
			apply();
			commit(mac);
		} catch (ISOException e) {
			crypto.wipe();
			ISOException.throwIt(e.getReason());
		} catch (CryptoException e) { // a card that looks at the parts of a key
			crypto.wipe();
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		}
		crypto.wipe();
		wiper.settle();
	}

	/** Spec: SPEC-PERSO-044. */
	private void authenticate(short size, short mac) {
		cmac.start(orders.mac(state.order()));
		cmac.update(Label.VALUE, (short) 0, Label.SIZE);
		cmac.update(staging, (short) 0, HEAD);
		Util.setShort(crypto.work, Crypto.PART, size);
		cmac.update(crypto.work, Crypto.PART, (short) 2);
		cmac.update(staging, HEAD, size);
		cmac.finish();
		boolean right = Crypto.equal(crypto.work, Crypto.BLOCK, staging, mac, MAC_SIZE);
		crypto.wipe();
		Status.need(right, Status.WRONG_MAC);
	}

	/** Reads all items: checks them, or writes them to their places. Spec: SPEC-PERSO-045. */
	private void walk(boolean write) {
		plain.rewind(orders.encryption(state.order()));
		plain.ram[Plain.SEEN_AUTH] = 0;
		plain.ram[Plain.SEEN_SIGN] = 0;
		boolean first = true;
		while (plain.left() > 0) {
			needData(plain.left() >= 3);
			byte tag = plain.next();
			short high = plain.next();
			short length = (short) ((short) (high << 8) | (short) (plain.next() & 0xFF));
			needData(length >= 0 && length <= plain.left());
			if (write) {
				write(tag, length);
			} else {
				check(tag, length, first);
			}
			first = false;
		}
	}

	private static void needData(boolean holds) {
		Status.need(holds, ISO7816.SW_WRONG_DATA);
	}

	/** An item's role and kind: 00 to 0F is auth, 10 to 1F sign. */
	private static byte role(byte tag) {
		return (byte) ((tag >> 4) & 1);
	}

	private void check(byte tag, short length, boolean first) {
		byte kind = (byte) (tag & 0x0F);
		byte role = role(tag);
		boolean reset = state.purpose() == Issue.PURPOSE_RESET;
		needData((tag & 0xE0) == 0);
		if (reset && first) {
			needData(tag == CHALLENGE && length == Orders.CHALLENGE_SIZE);
			plain.copy(crypto.work, Crypto.PART, Orders.CHALLENGE_SIZE);
			needData(Crypto.equal(crypto.work, Crypto.PART, orders.slots, Orders.at(state.order(), Orders.CHALLENGE), Orders.CHALLENGE_SIZE));
			return;
		}
		needData(orders.hasRole(state.order(), role) && lengthFits(kind, length) && (!reset || kind == CODE));
		needData(kind < P || orders.slots[Orders.at(state.order(), Orders.ORIGIN)] == Issue.ORIGIN_DELIVERED);
		short seen = (short) (Plain.SEEN_AUTH + role);
		short bit = (short) (1 << kind);
		needData((short) (plain.ram[seen] & bit) == 0);
		plain.ram[seen] |= bit;
		plain.skip(length);
	}

	private boolean lengthFits(byte kind, short length) {
		switch (kind) {
		case CERTIFICATE:
			return length > 0 && length <= parameters.fileSize;
		case END:
			return length == Content.END_SIZE;
		case CODE:
			return length == Crypto.CODE_SIZE;
		case P:
		case Q:
		case DP1:
		case DQ1:
		case PQ:
			return length == Crypto.PART_SIZE;
		default:
			return false;
		}
	}

	/** What was seen of a role has to make sense: a whole key or none, a code in type 02. */
	private void checkWhole(byte role) {
		short parts = (short) (plain.ram[(short) (Plain.SEEN_AUTH + role)] & PARTS);
		needData(parts == 0 || parts == PARTS);
		short codes = (short) ((plain.ram[Plain.SEEN_AUTH] | plain.ram[Plain.SEEN_SIGN]) & (1 << CODE));
		needData(state.purpose() != Issue.PURPOSE_RESET || codes != 0);
	}

	/** The State items that were seen, of both roles. */
	private short seenItems() {
		return (short) (items(plain.ram[Plain.SEEN_AUTH]) | (short) (items(plain.ram[Plain.SEEN_SIGN]) << 4));
	}

	private static short items(short seen) {
		return (short) (((seen & (1 << CERTIFICATE)) != 0 ? State.CERTIFICATE : 0) | ((seen & (1 << END)) != 0 ? State.END : 0)
				| ((seen & (1 << CODE)) != 0 ? State.CODE : 0) | ((seen & PARTS) != 0 ? State.KEY : 0));
	}

	/** Writes everything but codes, which the transaction writes. What is replaced does not count from here on. */
	private void apply() {
		short codes = (short) (State.CODE | State.of(State.CODE, Role.SIGN));
		short items = seenItems();
		short written = (short) (items & ~codes);
		if (written != 0) {
			state.touch(written);
		}
		short auth = plain.ram[Plain.SEEN_AUTH];
		short sign = plain.ram[Plain.SEEN_SIGN];
		walk(true);
		plain.ram[Plain.SEEN_AUTH] = auth;
		plain.ram[Plain.SEEN_SIGN] = sign;
	}

	private void write(byte tag, short length) {
		byte role = role(tag);
		switch ((byte) (tag & 0x0F)) {
		case CERTIFICATE:
			plain.copy(content.certificate(role), (short) 0, length);
			content.setCertificateLength(role, length);
			break;
		case END:
			plain.copy(content.ends(), Content.endOffset(role), length);
			break;
		case CODE:
			plain.copy(crypto.work, code(role), length);
			break;
		case CHALLENGE:
			plain.skip(length);
			break;
		default:
			writePart(role, (byte) (tag & 0x0F), length);
		}
	}

	private static short code(byte role) {
		return (short) (Crypto.CODES + role * Crypto.CODE_SIZE);
	}

	private void writePart(byte role, byte kind, short length) {
		byte[] work = crypto.work;
		RSAPrivateCrtKey key = content.privateKey(role);
		plain.copy(work, Crypto.PART, length);
		switch (kind) {
		case P:
			key.setP(work, Crypto.PART, length);
			break;
		case Q:
			key.setQ(work, Crypto.PART, length);
			break;
		case DP1:
			key.setDP1(work, Crypto.PART, length);
			break;
		case DQ1:
			key.setDQ1(work, Crypto.PART, length);
			break;
		default:
			key.setPQ(work, Crypto.PART, length);
		}
	}

	/** Makes it count, with the sequence, in one transaction. Spec: SPEC-PERSO-046, SPEC-PERSO-047. */
	private void commit(short mac) {
		boolean reset = state.purpose() == Issue.PURPOSE_RESET;
		JCSystem.beginTransaction();
		for (byte role = 0; role < 2; role++) {
			if ((plain.ram[(short) (Plain.SEEN_AUTH + role)] & (1 << CODE)) != 0) {
				pins.setCode(role, crypto.work, code(role));
			}
		}
		state.mark(seenItems(), (short) 0);
		state.setLast(staging, (short) 0, mac);
		if (reset) {
			state.closeOrder();
		}
		JCSystem.commitTransaction();
	}
}
