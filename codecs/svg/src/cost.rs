//! Costs of drawing: memory for layers, and pixels that are touched.

use resvg::tiny_skia::{Rect, Transform};
use resvg::usvg::filter::{Filter, Kind};
use resvg::usvg::{ClipPath, Group, Image, ImageKind, Mask, Node, Paint, Path, Tree};

use crate::Error;

/// The most bytes of layers that are there at the same time.
const MOST_BYTES: f64 = 300e6;

/// The most pixels that are touched, each as many times as it is. A core in a sandbox fills
/// several hundred million a second.
const MOST_PIXELS: f64 = 4e9;

/// Sides of the canvas that a layer may have: what is farther away has no part in the picture.
const LAYER: f32 = 5.0;

/// Pixels that a shape costs, wherever it is.
const SHAPE: f64 = 200.0;

/// Refuses a drawing that would take too much on a canvas of this size.
pub(crate) fn check(tree: &Tree, scale: Transform, canvas: (f32, f32)) -> Result<(), Error> {
    let mut cost = Cost {
        canvas,
        scale,
        bytes: 0.0,
        most_bytes: 0.0,
        pixels: 0.0,
    };
    cost.group(tree.root());
    let refused = |what: &str| Err(Error::LimitExceeded(what.into()));
    if cost.most_bytes > MOST_BYTES {
        return refused("layers of more than 300 MB");
    }
    if cost.pixels > MOST_PIXELS {
        return refused("more to draw than 4,000 million pixels");
    }
    Ok(())
}

/// Costs so far.
struct Cost {
    /// Columns and rows.
    canvas: (f32, f32),
    /// From the units of the drawing to pixels.
    scale: Transform,
    bytes: f64,
    most_bytes: f64,
    pixels: f64,
}

impl Cost {
    /// True if there is no use in going on.
    fn is_over(&self) -> bool {
        self.pixels > MOST_PIXELS || self.most_bytes > MOST_BYTES
    }

    /// Pixels of a rectangle, as far as it lies on so many canvases.
    fn area(&self, rect: Rect, canvases: f32) -> f64 {
        let Some(rect) = rect.transform(self.scale) else {
            return 0.0;
        };
        let side = |length: f32, canvas: f32| f64::from(length.min(canvas * canvases)) + 4.0;
        side(rect.width(), self.canvas.0) * side(rect.height(), self.canvas.1)
    }

    /// Adds what layers of so many pixels hold while something is drawn.
    fn within(&mut self, pixels: f64, draw: impl FnOnce(&mut Self)) {
        self.pixels += pixels;
        self.bytes += pixels * 4.0;
        self.most_bytes = self.most_bytes.max(self.bytes);
        if !self.is_over() {
            draw(self);
        }
        self.bytes -= pixels * 4.0;
    }

    fn group(&mut self, group: &Group) {
        if !group.should_isolate() {
            return self.children(group);
        }
        let rect = group.abs_layer_bounding_box().to_rect();
        let area = self.area(rect, LAYER);
        self.within(area, |cost| {
            cost.children(group);
            for filter in group.filters() {
                cost.filter(filter, area, group);
            }
            if let Some(clip) = group.clip_path() {
                cost.clip(clip, area);
            }
            if let Some(mask) = group.mask() {
                cost.mask(mask, area);
            }
        });
    }

    fn children(&mut self, group: &Group) {
        for node in group.children() {
            if self.is_over() {
                return;
            }
            match node {
                Node::Group(group) => self.group(group),
                Node::Path(path) => self.path(path),
                Node::Image(image) => self.image(image),
                Node::Text(text) => self.group(text.flattened()),
            }
        }
    }

    fn path(&mut self, path: &Path) {
        let area = self.area(path.abs_stroke_bounding_box(), 1.0);
        let paints = [
            path.fill().map(|fill| fill.paint()),
            path.stroke().map(|stroke| stroke.paint()),
        ];
        for paint in paints.into_iter().flatten() {
            self.pixels += area + SHAPE + path.data().len() as f64;
            if let Paint::Pattern(pattern) = paint {
                let at = self.scale.pre_concat(path.abs_transform());
                let (across, down) = at.pre_concat(pattern.transform()).get_scale();
                let rect = pattern.rect();
                let (width, height) = (rect.width() * across, rect.height() * down);
                let tile = f64::from(width) * f64::from(height);
                self.beside(
                    Transform::from_scale(across, down),
                    (width, height),
                    |cost| {
                        cost.within(tile, |cost| cost.children(pattern.root()));
                    },
                );
            }
        }
    }

    /// Draws on a canvas of its own.
    fn beside(&mut self, scale: Transform, canvas: (f32, f32), draw: impl FnOnce(&mut Self)) {
        let before = (self.scale, self.canvas);
        (self.scale, self.canvas) = (scale, canvas);
        draw(self);
        (self.scale, self.canvas) = before;
    }

    /// A picture is decoded each time that it is drawn.
    fn image(&mut self, image: &Image) {
        let size = image.size();
        let pixels = f64::from(size.width()) * f64::from(size.height());
        let is_vector = matches!(image.kind(), ImageKind::SVG(_));
        let shown = self.area(image.abs_bounding_box(), 1.0);
        self.within(if is_vector { shown } else { pixels * 2.0 }, |cost| {
            cost.pixels += shown * 10.0;
            if let ImageKind::SVG(tree) = image.kind() {
                cost.group(tree.root());
            }
        });
    }

    fn clip(&mut self, clip: &ClipPath, area: f64) {
        self.within(area * 1.25, |cost| {
            cost.children(clip.root());
            if let Some(clip) = clip.clip_path() {
                cost.clip(clip, area);
            }
        });
    }

    fn mask(&mut self, mask: &Mask, area: f64) {
        self.within(area * 1.5, |cost| {
            cost.children(mask.root());
            if let Some(mask) = mask.mask() {
                cost.mask(mask, area);
            }
        });
    }

    /// Results of all steps are there until the last one.
    fn filter(&mut self, filter: &Filter, area: f64, group: &Group) {
        let steps = filter.primitives();
        self.within(area * (steps.len() as f64 + 4.0), |cost| {
            let (across, down) = cost.scale.pre_concat(group.abs_transform()).get_scale();
            for step in steps {
                cost.pixels += area * each(step.kind(), across, down);
                if let Kind::Image(image) = step.kind() {
                    cost.children(image.root());
                }
            }
        });
    }
}

/// Cost of a step for each pixel of a layer, in pixels that are filled.
fn each(kind: &Kind, across: f32, down: f32) -> f64 {
    match kind {
        Kind::ConvolveMatrix(step) => {
            let matrix = step.matrix();
            f64::from(matrix.columns()) * f64::from(matrix.rows()) * 4.0
        }
        Kind::Morphology(step) => {
            let window = |radius: f32| f64::from((radius * 2.0).ceil().max(1.0));
            window(step.radius_x().get() * across) * window(step.radius_y().get() * down)
        }
        Kind::Turbulence(step) => 100.0 * f64::from(step.num_octaves()),
        Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => 100.0,
        Kind::Merge(step) => 20.0 * (step.inputs().len() as f64 + 1.0),
        _ => 20.0,
    }
}
