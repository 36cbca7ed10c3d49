package inkan.example.lib;

/** A library class with a constant, a static method and one to override. */
public class Coins {
    public static final short LIMIT = 500;

    public static short capped(short amount) {
        return amount > LIMIT ? LIMIT : amount;
    }

    public short value(short count) {
        return count;
    }
}
