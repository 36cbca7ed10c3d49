package inkan.jpki;

import javacard.framework.ISOException;
import javacard.framework.Util;
import org.globalplatform.Authority;
import org.globalplatform.GPSystem;
import org.globalplatform.GlobalService;

/**
 * Answers of data groups (PERSO, statements). They are built in NVM, since none
 * of them is secret, and stay there for ANSWER.
 */
final class Statement {
	static final byte ORDER = 0x01;
	static final byte GENERATE = 0x02;
	static final byte ACTIVATE = 0x05;
	static final byte SUSPEND = 0x06;
	static final byte RESUME = 0x07;
	static final byte ERASE = 0x08;
	static final byte STATE = 0x09;

	/** Bytes of type, order hash and counter. */
	static final short HEADER = 37;
	/** The longest answer. */
	private static final short MOST = 700;
	/** The service of GPSystem that attests: the family in the high byte. */
	private static final short AUTHORITY = (short) (GPSystem.FAMILY_AUTHORITY << 8);
	/** At most this much of an answer comes at once. */
	private static final short CHUNK = 200;

	private final Parameters parameters;
	private final State state;
	private final Orders orders;
	private final Content content;
	private final Signer signer;
	private final Crypto crypto;
	private final byte[] aid;
	/** The answer. */
	final byte[] answer;

	Statement(Parameters parameters, State state, Orders orders, Content content, Signer signer, Crypto crypto, byte[] aid) {
		this.parameters = parameters;
		this.state = state;
		this.orders = orders;
		this.content = content;
		this.signer = signer;
		this.crypto = crypto;
		this.aid = aid;
		answer = new byte[MOST];
	}

	/** The card's authority; null: it has none, or the parameters say not to use it. */
	private Authority authority() {
		if (parameters.attestation == Parameters.ATTEST_NEVER) {
			return null;
		}
		try {
			GlobalService service = GPSystem.getService(null, AUTHORITY);
			if (service == null) {
				return null;
			}
			return (Authority) service.getServiceInterface(GPSystem.getRegistryEntry(null), AUTHORITY, null, (short) 0, (short) 0);
		} catch (ISOException e) {
			return null; // it does not serve this application
		}
	}

	/** Whether answers have attestations. */
	boolean attests() {
		return authority() != null;
	}

	/** Begins a statement with what is known of an order; zeros for Orders.NONE. */
	void begin(byte type, byte slot) {
		answer[0] = type;
		if (slot == Orders.NONE) {
			Util.arrayFillNonAtomic(answer, (short) 1, (short) (HEADER - 1), (byte) 0);
			return;
		}
		Util.arrayCopyNonAtomic(orders.slots, Orders.at(slot, Orders.HASH), answer, (short) 1, Orders.HASH_SIZE);
		Util.arrayCopyNonAtomic(orders.slots, Orders.at(slot, Orders.COUNTER), answer, (short) (1 + Orders.HASH_SIZE), (short) 4);
	}

	/** Ends a statement without attestation. */
	void end(short length) {
		state.ram[State.ANSWER] = length;
	}

	/** Ends a statement with the attestation of its first bytes, put behind all of it. */
	void attest(short signed, short length) {
		Authority authority = authority();
		short n = 0;
		if (authority != null) {
			authority.init(Authority.MODE_SIGN);
			authority.update(Label.VALUE, (short) 0, Label.SIZE);
			n = authority.sign(answer, (short) 0, signed, answer, (short) (length + 1));
		}
		answer[length] = (byte) n;
		end((short) (length + 1 + n));
	}

	/** Statement 01 of the open order. */
	void order() {
		byte slot = state.order();
		begin(ORDER, slot);
		Util.arrayCopyNonAtomic(orders.slots, Orders.at(slot, Orders.POINT), answer, HEADER,
				(short) (Orders.POINT_SIZE + Orders.CHALLENGE_SIZE));
		short length = (short) (HEADER + Orders.POINT_SIZE + Orders.CHALLENGE_SIZE);
		attest(length, length);
	}

	/** Statement 02: the modulus of a new key, and its proof of possession. */
	void generated(byte role) {
		begin(GENERATE, state.order());
		answer[HEADER] = Role.bit(role);
		short modulus = (short) (HEADER + 1);
		short proof = (short) (modulus + Content.MODULUS_SIZE);
		short hash = (short) (proof + Content.MODULUS_SIZE - 32);
		content.modulus(role, answer, modulus);
		crypto.digest.update(Label.VALUE, (short) 0, Label.SIZE);
		crypto.digest.update(answer, (short) 0, modulus);
		crypto.digest.update(aid, (short) 0, (short) aid.length);
		crypto.digest.doFinal(answer, modulus, Content.MODULUS_SIZE, answer, hash);
		Signer.padDigest(answer, proof);
		signer.raw(role, answer, proof);
		attest(proof, (short) (proof + Content.MODULUS_SIZE));
	}

	/** Statements 06 and 07. */
	void phase(byte type) {
		begin(type, state.issue());
		answer[HEADER] = state.phase();
		attest((short) (HEADER + 1), (short) (HEADER + 1));
	}

	/** Statement 08. */
	void erased() {
		begin(ERASE, state.issue());
		short length = state.counter(answer, HEADER);
		attest(length, length);
	}

	/** Statement 09. Spec: SPEC-PERSO-059. */
	void state() {
		byte slot = state.order();
		begin(STATE, slot);
		answer[HEADER] = state.phase();
		answer[HEADER + 1] = state.purpose();
		answer[HEADER + 2] = (byte) state.sequence();
		answer[HEADER + 3] = (byte) state.live();
		short at = state.counter(answer, (short) (HEADER + 4));
		if (slot == Orders.NONE) {
			at = Util.arrayFillNonAtomic(answer, at, Orders.ID_SIZE, (byte) 0);
		} else {
			at = Util.arrayCopyNonAtomic(orders.slots, Orders.at(slot, Orders.ID), answer, at, Orders.ID_SIZE);
		}
		end(at);
	}

	/** Gives a part of the last answer: total length and bytes from an offset. Spec: SPEC-PERSO-011, SPEC-PERSO-012. */
	short copy(short from, byte[] out, short offset) {
		short total = state.ram[State.ANSWER];
		short n = (short) (total - from);
		if (n > CHUNK) {
			n = CHUNK;
		}
		offset = Util.setShort(out, offset, total);
		Util.arrayCopyNonAtomic(answer, from, out, offset, n);
		return (short) (n + 2);
	}
}
