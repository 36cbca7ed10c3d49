package inkan.jpki;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * The data groups that bring an order and its content, but for envelopes
 * (PERSO, order and keys). Each finds its value in the staging memory.
 */
final class Issue {
	// An order, from its offset in the staging memory.
	private static final short VERSION = 0;
	private static final short PURPOSE = 1;
	private static final short ORIGIN = 2;
	private static final short ROLES = 3;
	private static final short ID = 4;
	private static final short COUNTER = 68;
	/** CA key version, with the CA point behind it. */
	private static final short CA = 72;
	private static final short POINT = 73;
	/** Bytes of an order. */
	static final short ORDER_SIZE = 138;

	static final byte PURPOSE_ISSUE = 0x01;
	static final byte PURPOSE_RESET = 0x02;
	private static final byte ORIGIN_NONE = 0x00;
	private static final byte ORIGIN_CARD = 0x01;
	static final byte ORIGIN_DELIVERED = 0x02;

	private final Parameters parameters;
	private final State state;
	private final Orders orders;
	private final Content content;
	private final Agreement agreement;
	private final Statement statement;
	private final Wiper wiper;
	private final Crypto crypto;
	private final byte[] aid;
	private final byte[] staging;

	Issue(Parameters parameters, State state, Orders orders, Content content, Agreement agreement, Statement statement, Wiper wiper,
			Crypto crypto, byte[] aid, byte[] staging) {
		this.parameters = parameters;
		this.state = state;
		this.orders = orders;
		this.content = content;
		this.agreement = agreement;
		this.statement = statement;
		this.wiper = wiper;
		this.crypto = crypto;
		this.aid = aid;
		this.staging = staging;
	}

	/** ORDER. Spec: SPEC-PERSO-020 to SPEC-PERSO-029. */
	void order() {
		checkContent();
		crypto.digest.doFinal(staging, (short) 0, ORDER_SIZE, crypto.work, (short) 0);
		boolean again = isOpen();
		if (!again) {
			agreement.agree(staging, POINT);
		}
		boolean fits = (parameters.attestation != Parameters.ATTEST_ALWAYS || statement.attests()) && phaseFits()
				&& (again || state.isHigher(staging, COUNTER));
		if (!fits) {
			crypto.wipe();
			ISOException.throwIt(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		}
		if (!again) {
			keep();
		}
		statement.order();
	}

	/** Spec: SPEC-PERSO-020. */
	private void checkContent() {
		byte purpose = staging[PURPOSE];
		byte origin = staging[ORIGIN];
		byte roles = staging[ROLES];
		boolean good = purpose == PURPOSE_RESET ? origin == ORIGIN_NONE
				: purpose == PURPOSE_ISSUE && (origin == ORIGIN_CARD || origin == ORIGIN_DELIVERED);
		Status.need(good && staging[VERSION] == 0x01 && roles != 0 && (roles & ~parameters.roles) == 0,
				ISO7816.SW_WRONG_DATA);
	}

	/** Whether the order whose hash is in the working memory is the open one. */
	private boolean isOpen() {
		return state.purpose() != 0 && Util.arrayCompare(crypto.work, (short) 0, orders.slots,
				Orders.at(state.order(), Orders.HASH), Orders.HASH_SIZE) == 0;
	}

	/**
	 * Spec: SPEC-PERSO-021, SPEC-PERSO-022. Whoever has the domain's keys can send
	 * an order, so a reset has to come from the CA of the issue: SPEC-PERSO-080.
	 */
	private boolean phaseFits() {
		byte phase = state.phase();
		boolean fits = phase == State.EMPTY || phase == State.ORDERED;
		if (staging[PURPOSE] == PURPOSE_RESET) {
			byte roles = staging[ROLES];
			fits = phase == State.ACTIVE && orders.isCA(state.issue(), staging, CA) && ((roles & 1) == 0 || state.has(State.KEY))
					&& ((roles & 2) == 0 || state.has(State.of(State.KEY, Role.SIGN)));
		}
		return fits;
	}

	/**
	 * Makes an order the open one. All that is long goes into a free slot, and one
	 * transaction raises the counter, opens the order and removes what it replaces.
	 * Spec: SPEC-PERSO-024, SPEC-PERSO-026, SPEC-PERSO-027.
	 */
	private void keep() {
		byte slot = Orders.free(state.order(), state.issue());
		byte[] slots = orders.slots;
		short hash = Orders.at(slot, Orders.HASH);
		short point = Orders.at(slot, Orders.POINT);
		Util.arrayCopyNonAtomic(staging, ID, slots, Orders.at(slot, Orders.ID), Orders.ID_SIZE);
		Util.arrayCopyNonAtomic(crypto.work, (short) 0, slots, hash, Orders.HASH_SIZE);
		Util.arrayCopyNonAtomic(staging, COUNTER, slots, Orders.at(slot, Orders.COUNTER), (short) 4);
		Util.arrayCopyNonAtomic(staging, ORIGIN, slots, Orders.at(slot, Orders.ORIGIN), (short) 2);
		Util.arrayCopyNonAtomic(staging, CA, slots, Orders.at(slot, Orders.CA), Orders.CA_SIZE);
		agreement.point(slots, point);
		crypto.random.generateData(crypto.work, (short) 0, Orders.CHALLENGE_SIZE);
		Util.arrayCopyNonAtomic(crypto.work, (short) 0, slots, Orders.at(slot, Orders.CHALLENGE), Orders.CHALLENGE_SIZE);
		agreement.derive(aid, (short) aid.length, slots, hash, point);
		state.touch(Orders.wrap(slot));
		orders.setWrap(slot, crypto.work, Agreement.KEYS);
		crypto.wipe();

		byte purpose = staging[PURPOSE];
		JCSystem.beginTransaction();
		state.openOrder(slot, purpose, staging, COUNTER);
		if (purpose == PURPOSE_ISSUE) {
			state.setIssue();
			state.setPhase(State.ORDERED);
			state.mark((short) 0, (short) (State.CONTENT | State.CA));
		}
		state.mark(Orders.wrap(slot), (short) (State.WRAP & ~Orders.wrap(slot)));
		JCSystem.commitTransaction();
		state.ram[State.CONTACTLESS] = Pins.OFF;
		wiper.settle();
	}

	/** GENERATE. Spec: SPEC-PERSO-030, SPEC-PERSO-031. */
	void generate() {
		byte slot = state.order();
		Status.need(state.purpose() == PURPOSE_ISSUE && orders.slots[Orders.at(slot, Orders.ORIGIN)] == ORIGIN_CARD,
				ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		byte number = staging[0];
		Status.need(number == 1 || number == 2, ISO7816.SW_WRONG_DATA);
		byte role = (byte) (number - 1);
		Status.need(orders.hasRole(slot, role), ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		short item = State.of(State.KEY, role);
		if (!state.has(item)) {
			state.touch(item);
			content.generate(role);
			state.mark(item, (short) 0);
		}
		statement.generated(role);
	}

	/** CA CERT: value of this length at the beginning of the staging memory. Spec: SPEC-PERSO-048. */
	void ca(short length) {
		byte number = staging[0];
		Status.need(state.purpose() == PURPOSE_ISSUE && (number == 1 || number == 2) && orders.hasRole(state.order(), (byte) (number - 1)),
				ISO7816.SW_CONDITIONS_NOT_SATISFIED);
		byte role = (byte) (number - 1);
		short item = (short) (State.AUTH_CA << role);
		state.touch(item);
		Util.arrayCopyNonAtomic(staging, (short) 1, content.ca(role), (short) 0, (short) (length - 1));
		content.setCALength(role, (short) (length - 1));
		state.mark(item, (short) 0);
	}
}
