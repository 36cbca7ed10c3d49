// accepted
package inkan.lang.miranda;

public class Case {
    public interface Shape { short area(); short sides(); }

    public static abstract class Base implements Shape {
        public short sides() { return 4; }
        short twice() { return (short) (2 * area()); }
    }

    public static class Square extends Base {
        public short area() { return 9; }
    }

    static short f() { Base b = new Square(); return (short) (b.twice() + b.area() + b.sides()); }
}
