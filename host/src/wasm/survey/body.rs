//! The bodies of functions, and what the compiler has to keep of each at once.

use wasmparser::{
    BlockType, ContType, FrameKind, FuncType, FunctionBody, ModuleArity, Operator, RefType, SubType,
};

use super::{Extent, LoadError, Measure};

/// Facts about a module that are known when its code begins.
#[derive(Default)]
pub(super) struct Module {
    pub(super) types: Vec<SubType>,
    /// The type of each function, those that are imported first.
    pub(super) functions: Vec<u32>,
    /// Index of the next function with a body; the imported ones come first.
    pub(super) imported: usize,
}

/// A block that is open, and how many values wait outside of it.
struct Frame {
    block: BlockType,
    kind: FrameKind,
    below: usize,
}

/// Follows the values of one function.
struct Values<'a> {
    module: &'a Module,
    frames: Vec<Frame>,
    height: usize,
    /// Number of frames that are loops.
    loops: usize,
}

impl Module {
    /// Measures a function: the first that was not measured yet.
    pub(super) fn body(
        &mut self,
        extent: &mut Extent,
        body: &FunctionBody<'_>,
    ) -> Result<(), LoadError> {
        let function = self.functions.get(self.imported).copied();
        self.imported += 1;
        extent.meet(Measure::Body, body.as_bytes().len())?;
        let mut locals = function
            .and_then(|kind| self.arity(kind))
            .map_or(0, |(parameters, _)| u64::from(parameters));
        for group in body.get_locals_reader()? {
            locals = locals.saturating_add(group?.0.into());
        }
        extent.set(Measure::Locals, locals)?;
        let mut values = Values {
            module: self,
            frames: Vec::new(),
            height: 0,
            loops: 0,
        };
        values.enter(
            function.map_or(BlockType::Empty, BlockType::FuncType),
            FrameKind::Block,
            0,
        );
        let (mut blocks, mut most, mut loops) = (0, 0, 0);
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            blocks += branches(&operator);
            values.follow(&operator);
            most = most.max(values.height);
            loops = loops.max(values.loops);
        }
        extent.set(Measure::Blocks, blocks)?;
        extent.meet(Measure::Loops, loops)?;
        extent.meet(Measure::Operands, most)?;
        extent.set(
            Measure::Flow,
            blocks.saturating_mul(locals.saturating_add(most as u64)),
        )?;
        Ok(())
    }

    fn arity(&self, kind: u32) -> Option<(u32, u32)> {
        let kind = self.types.get(kind as usize)?;
        Values {
            module: self,
            frames: Vec::new(),
            height: 0,
            loops: 0,
        }
        .sub_type_arity(kind)
    }
}

/// Number of branches that an operator adds to a function's graph.
fn branches(operator: &Operator<'_>) -> u64 {
    match operator {
        Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::If { .. }
        | Operator::Else
        | Operator::Br { .. }
        | Operator::BrIf { .. } => 1,
        Operator::BrTable { targets } => u64::from(targets.len()) + 1,
        _ => 0,
    }
}

impl Values<'_> {
    fn enter(&mut self, block: BlockType, kind: FrameKind, parameters: u32) {
        let below = self.height.saturating_sub(parameters as usize);
        self.loops += usize::from(kind == FrameKind::Loop);
        self.frames.push(Frame { block, kind, below });
    }

    /// Takes from the values what an operator takes and puts there what it gives.
    /// In code that is never reached more is taken than there is; the end of a
    /// block puts that right, because it says how many values there are.
    fn follow(&mut self, operator: &Operator<'_>) {
        let (taken, mut given) = operator.operator_arity(self).unwrap_or_default();
        if let Operator::If { blockty } = *operator {
            given = self.block_type_arity(blockty).map_or(0, |arity| arity.0);
        }
        match operator {
            Operator::End | Operator::Else => {
                let Some(frame) = self.frames.last_mut() else {
                    return;
                };
                self.height = frame.below;
                if matches!(operator, Operator::Else) {
                    frame.kind = FrameKind::Else;
                } else {
                    self.loops -= usize::from(frame.kind == FrameKind::Loop);
                    self.frames.pop();
                }
            }
            _ => self.height = self.height.saturating_sub(taken as usize),
        }
        self.height = self.height.saturating_add(given as usize);
        match *operator {
            Operator::Block { blockty } => self.enter(blockty, FrameKind::Block, given),
            Operator::Loop { blockty } => self.enter(blockty, FrameKind::Loop, given),
            Operator::If { blockty } => self.enter(blockty, FrameKind::If, given),
            _ => {}
        }
    }
}

impl ModuleArity for Values<'_> {
    fn sub_type_at(&self, index: u32) -> Option<&SubType> {
        self.module.types.get(index as usize)
    }

    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }

    fn type_index_of_function(&self, index: u32) -> Option<u32> {
        self.module.functions.get(index as usize).copied()
    }

    fn func_type_of_cont_type(&self, _: &ContType) -> Option<&FuncType> {
        None
    }

    fn sub_type_of_ref_type(&self, _: &RefType) -> Option<&SubType> {
        None
    }

    fn control_stack_height(&self) -> u32 {
        u32::try_from(self.frames.len()).unwrap_or(u32::MAX)
    }

    fn label_block(&self, depth: u32) -> Option<(BlockType, FrameKind)> {
        let index = self.frames.len().checked_sub(depth as usize + 1)?;
        let frame = self.frames.get(index)?;
        Some((frame.block, frame.kind))
    }
}
